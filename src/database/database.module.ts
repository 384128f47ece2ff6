import path from 'node:path';
import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ConfigModule } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { TracingModule } from '../tracing/tracing.module.js';
import { READS } from './data-source.js';
import { DurableWriter } from './durable-writer.js';
import { DatabaseEngine } from './engine/engine.js';
import { Heartbeat } from './engine/heartbeat.js';
import { EngineModule } from './engine.module.js';
import { loadEngine } from './engines.js';
import { DatabaseMetrics } from './metrics/database-metrics.js';
import { ConfigurationRevision } from './revisions/configuration-revision.js';
import { RowReader } from './row-reader.js';
import { runMigrations } from './schema/run-migrations.js';
import { Searches } from './search/search.js';
import { createFilesPrivately } from './sqlite/private-files.js';
import { DatabaseTraces } from './tracing/database-traces.js';
import { UnitOfWork } from './unit-of-work.js';
import { settingErrorOf } from './unusable-database.js';

/** Opens and migrates the database; provides transactions, the durable writer and the row reader. */
@Module({
  imports: [
    EngineModule,
    MetricsModule,
    TracingModule,
    ConfigModule,
    TypeOrmModule.forRootAsync({
      imports: [EngineModule],
      inject: [DatabaseEngine],
      useFactory: (engine: DatabaseEngine) => ({
        ...engine.dataSourceOptions(),
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
      inject: [DatabaseEngine, DataSource],
      useFactory: (engine: DatabaseEngine, dataSource: DataSource) => {
        const options = engine.readsOptions(dataSource);
        return options && new DataSource(options).initialize();
      },
    },
    ConfigurationRevision,
    Searches,
    DatabaseMetrics,
    DatabaseTraces,
    {
      provide: DurableWriter,
      inject: [DatabaseEngine, DataSource],
      useFactory: (engine: DatabaseEngine) => engine.openWriter(),
    },
    {
      provide: RowReader,
      inject: [DatabaseEngine, DataSource],
      useFactory: (engine: DatabaseEngine) => engine.openReader(),
    },
  ],
  exports: [
    TypeOrmModule,
    EngineModule,
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
    @Inject(Heartbeat) private readonly heartbeat: Heartbeat | undefined,
    @Inject(READS) private readonly reads: DataSource | undefined,
  ) {}

  onApplicationBootstrap(): void {
    this.writer.open();
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
 * Resolves to warnings about the server's durability.
 */
export async function migrate({ database, dataDir }: Settings): Promise<string[]> {
  const engine = await loadEngine(database);
  const isInDataDir = engine.files.some((file) => path.dirname(file) === dataDir);
  try {
    createFilesPrivately();
    engine.prepare();
    await engine.locate();
    const warnings = await engine.check();
    await engine.withStartLock(() =>
      runMigrations(engine.dataSourceOptions(true), (code) => engine.isLostRace(code)),
    );
    return warnings;
  } catch (error) {
    throw await settingErrorOf(engine, isInDataDir ? 'LATCHKEY_DATA_DIR' : 'DATABASE_URL', error);
  }
}
