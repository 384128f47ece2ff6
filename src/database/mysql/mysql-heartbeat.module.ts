import { Module } from '@nestjs/common';
import { ConfigModule } from '../../config/config.module.js';
import { Settings } from '../../config/settings.js';
import { Outage } from '../outage.js';
import { MysqlHeartbeat } from './mysql-heartbeat.js';

/**
 * A separate module because TypeORM's connections open before the other database providers. There is no heartbeat on
 * SQLite.
 */
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
