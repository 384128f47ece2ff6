import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { Settings } from '../config/settings.js';
import { DatabaseEngine } from './engine/engine.js';
import { Heartbeat } from './engine/heartbeat.js';
import { loadEngine } from './engines.js';
import { Outage } from './outage.js';
import { withSettingErrors } from './unusable-database.js';

interface Opened {
  engine: DatabaseEngine;
  heartbeat: Heartbeat | undefined;
}

const OPENED = Symbol('the engine, once its heartbeat exists');

/**
 * A separate module because TypeORM's connections open before the other database providers. The heartbeat comes with the
 * engine: every pool that the engine opens is guarded by it.
 */
@Module({
  imports: [ConfigModule],
  providers: [
    Outage,
    {
      provide: OPENED,
      inject: [Settings, Outage],
      useFactory: async ({ database }: Settings, outage: Outage): Promise<Opened> => {
        const engine = await loadEngine(database);
        await withSettingErrors(engine, () => engine.locate());
        return { engine, heartbeat: engine.openHeartbeat(outage) };
      },
    },
    { provide: DatabaseEngine, inject: [OPENED], useFactory: ({ engine }: Opened) => engine },
    { provide: Heartbeat, inject: [OPENED], useFactory: ({ heartbeat }: Opened) => heartbeat },
  ],
  exports: [DatabaseEngine, Heartbeat, Outage],
})
export class EngineModule {}
