import { Module } from '@nestjs/common';
import { ConfigModule } from '../../config/config.module.js';
import { Settings } from '../../config/settings.js';
import { Outage } from '../outage.js';
import { MysqlHeartbeat } from './mysql-heartbeat.js';

/** By itself because TypeORM's connections are opened before the other providers of the database. On SQLite there is none. */
@Module({
  imports: [ConfigModule],
  providers: [
    {
      provide: MysqlHeartbeat,
      inject: [Settings, Outage],
      useFactory: ({ database }: Settings, outage: Outage) =>
        database.engine === 'mysql' ? new MysqlHeartbeat(database, outage) : undefined,
    },
    Outage,
  ],
  exports: [MysqlHeartbeat, Outage],
})
export class MysqlHeartbeatModule {}
