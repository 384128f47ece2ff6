import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { Log } from '../config/log.js';
import { Settings } from '../config/settings.js';
import { MysqlPulse } from './mysql-pulse.js';

/** By itself because TypeORM's connections are opened before the other providers of the database. On SQLite there is none. */
@Module({
  imports: [ConfigModule],
  providers: [
    {
      provide: MysqlPulse,
      inject: [Settings, Log],
      useFactory: ({ database }: Settings, log: Log) => {
        if (database.engine !== 'mysql') return undefined;
        return new MysqlPulse(database.url, (answers) => {
          if (answers) log.info({}, 'the database answers again');
          else log.warn({}, 'the database does not answer');
        });
      },
    },
  ],
  exports: [MysqlPulse],
})
export class MysqlPulseModule {}
