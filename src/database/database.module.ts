import path from 'node:path';
import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ConfigModule } from '../config/config.module.js';
import { type DatabaseSettings, Settings } from '../config/settings.js';
import { ConfigurationRevision } from './configuration-revision.js';
import { asDatabaseSettingError } from './connection-error-text.js';
import { dataSourceOptions, READS, readsOptions } from './data-source.js';
import { DurableWriter } from './durable-writer.js';
import { MysqlHeartbeat } from './mysql/mysql-heartbeat.js';
import { MysqlHeartbeatModule } from './mysql/mysql-heartbeat.module.js';
import { MysqlWriter } from './mysql/mysql-writer.js';
import { MysqlReader, RowReader, SqliteReader } from './row-reader.js';
import { runMigrations } from './run-migrations.js';
import { Searches } from './search/search.js';
import { createFilesPrivately, makeDatabasePrivate } from './sqlite/private-files.js';
import { makePrivateFolder } from './sqlite/private-folder.js';
import { SQLITE_BUSY_TIMEOUT_MILLISECONDS } from './sqlite/sqlite.js';
import { SqliteWriter } from './sqlite/sqlite-writer.js';
import { withStartLock } from './start-lock.js';
import { UnitOfWork } from './unit-of-work.js';

/** Opens and migrates the database of either engine; provides transactions, the durable writer and the row reader. */
@Module({
  imports: [
    ConfigModule,
    MysqlHeartbeatModule,
    TypeOrmModule.forRootAsync({
      imports: [ConfigModule, MysqlHeartbeatModule],
      inject: [Settings, MysqlHeartbeat],
      useFactory: ({ database }: Settings, heartbeat?: MysqlHeartbeat) => ({
        ...dataSourceOptions(database, { heartbeat }),
        autoLoadEntities: true,
        // A wrong address fails at once; Nest's own retries would appear to hang.
        retryAttempts: 0,
      }),
      dataSourceFactory: (options) => {
        if (!options) throw new Error('the database has no options');
        return new DataSource(options).initialize();
      },
    }),
  ],
  providers: [
    UnitOfWork,
    {
      provide: READS,
      inject: [Settings, DataSource, MysqlHeartbeat],
      useFactory: ({ database }: Settings, dataSource: DataSource, heartbeat?: MysqlHeartbeat) =>
        database.engine === 'mysql'
          ? new DataSource(readsOptions(dataSource, database, heartbeat)).initialize()
          : undefined,
    },
    ConfigurationRevision,
    Searches,
    {
      provide: DurableWriter,
      inject: [Settings, MysqlHeartbeat, DataSource],
      useFactory: ({ database }: Settings, heartbeat?: MysqlHeartbeat) =>
        database.engine === 'mysql' ? new MysqlWriter(database, heartbeat) : new SqliteWriter(database.file),
    },
    {
      provide: RowReader,
      inject: [Settings, MysqlHeartbeat, DataSource],
      useFactory: ({ database }: Settings, heartbeat?: MysqlHeartbeat) =>
        database.engine === 'mysql' ? new MysqlReader(database, heartbeat) : new SqliteReader(database.file),
    },
  ],
  exports: [
    TypeOrmModule,
    MysqlHeartbeatModule,
    UnitOfWork,
    ConfigurationRevision,
    Searches,
    DurableWriter,
    RowReader,
  ],
})
export class DatabaseModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(DurableWriter) private readonly writer: DurableWriter,
    @Inject(RowReader) private readonly reader: RowReader,
    @Inject(MysqlHeartbeat) private readonly heartbeat: MysqlHeartbeat | undefined,
    @Inject(READS) private readonly reads: DataSource | undefined,
  ) {}

  onApplicationBootstrap(): void {
    if (this.writer instanceof SqliteWriter) this.writer.open();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.writer.close();
    await this.reader.close();
    await this.reads?.destroy();
    this.heartbeat?.close();
  }
}

/**
 * Migrates the schema before anything else opens the database; processes that start together run one after another.
 */
export async function migrate({ database, dataDir }: Settings): Promise<void> {
  const inDataDir = database.engine === 'sqlite' && path.dirname(database.file) === dataDir;
  try {
    await migrateDatabase(database);
  } catch (error) {
    throw await asDatabaseSettingError(inDataDir ? 'LATCHKEY_DATA_DIR' : 'DATABASE_URL', error, database);
  }
}

async function migrateDatabase(database: DatabaseSettings): Promise<void> {
  createFilesPrivately();
  if (database.engine === 'sqlite') {
    makePrivateFolder(path.dirname(database.file));
    makeDatabasePrivate(database.file);
  }
  const options = { sqliteWaitMilliseconds: SQLITE_BUSY_TIMEOUT_MILLISECONDS };
  await withStartLock(database, () => runMigrations(dataSourceOptions(database, options)));
}
