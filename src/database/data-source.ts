import { migrations } from '../../migrations/index.js';
import { QuietLogger } from './quiet-logger.js';

/** Injection token of the connections for reads outside transactions; undefined where there is one connection. */
export const READS = Symbol('reads');

/** TypeORM's options on every engine; only migrations define the schema. */
export const DATA_SOURCE_OPTIONS = {
  migrations,
  migrationsTableName: 'migration',
  synchronize: false,
  logger: new QuietLogger(),
} as const;
