import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { Log } from '../config/log.js';
import { Settings } from '../config/settings.js';
import { Tracing } from './tracing.js';

/** Provides the traces of this process; undefined unless they are enabled. */
@Module({
  imports: [ConfigModule],
  providers: [
    {
      provide: Tracing,
      inject: [Settings, Log],
      useFactory: ({ tracing }: Settings, log: Log) => (tracing ? Tracing.open(log) : undefined),
    },
  ],
  exports: [Tracing],
})
export class TracingModule implements OnApplicationShutdown {
  constructor(@Inject(Tracing) private readonly tracing: Tracing | undefined) {}

  async onApplicationShutdown(): Promise<void> {
    await this.tracing?.close();
  }
}
