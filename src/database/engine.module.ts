import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { Settings } from '../config/settings.js';
import { DatabaseEngine } from './engine/engine.js';
import { Heartbeat } from './engine/heartbeat.js';
import { engineOf } from './engines.js';
import { Outage } from './outage.js';

/** A separate module because TypeORM's connections open before the other database providers. */
@Module({
  imports: [ConfigModule],
  providers: [
    Outage,
    {
      provide: DatabaseEngine,
      inject: [Settings],
      useFactory: ({ database }: Settings) => engineOf(database),
    },
    {
      provide: Heartbeat,
      inject: [DatabaseEngine, Outage],
      useFactory: (engine: DatabaseEngine, outage: Outage) => engine.openHeartbeat(outage),
    },
  ],
  exports: [DatabaseEngine, Heartbeat, Outage],
})
export class EngineModule {}
