import { engine } from './database.js';

/** The schema of the current database that holds the tables, as information_schema names it. */
export const CURRENT_SCHEMA = engine === 'postgres' ? 'CURRENT_SCHEMA()' : 'DATABASE()';

export const POSTGRES_SHAPE = `SELECT table_name AS t, column_name AS c, ordinal_position AS place, data_type AS type,
  character_maximum_length AS length, collation_name AS collation, is_nullable AS nullable, column_default AS usual
  FROM information_schema.columns WHERE table_schema = CURRENT_SCHEMA() ORDER BY 1, 3`;

export const POSTGRES_INDICES =
  'SELECT tablename AS t, indexname AS i, indexdef AS d FROM pg_indexes WHERE schemaname = CURRENT_SCHEMA() ORDER BY 1, 2';

export const POSTGRES_COLUMNS = `SELECT c.table_name AS t, c.column_name AS c, c.is_nullable AS nullable,
  c.data_type || COALESCE('(' || c.character_maximum_length || ')', '') AS type,
  CASE WHEN k.column_name IS NULL THEN '' ELSE 'PRI' END AS keyed
  FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k
    ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
  WHERE c.table_schema = CURRENT_SCHEMA()`;
