import type { Connection } from '../../database/command/isolated.js';
import { SCHEMA } from '../../database/schema/tables.js';
import { type Header, UnusableBackup } from './format.js';

/** This version copies the columns of its own schema only. */
export async function assertSchema(connection: Connection): Promise<void> {
  const names = await migrationsOf(connection);
  if (isSame(names)) return;
  throw new Error(
    names.length === 0
      ? 'the database has no schema: no server has run on it'
      : 'the database has the schema of another version of Latchkey: use the command of the version that runs on it',
  );
}

/** An older schema is migrated before anything is restored; a newer one cannot be. */
export async function assertNotNewer(connection: Connection): Promise<void> {
  const unknown = (await migrationsOf(connection)).find((name) => !SCHEMA.includes(name));
  if (unknown === undefined) return;
  throw new Error(
    `the database has the schema of a newer version of Latchkey (${unknown}): restore into an empty database`,
  );
}

async function migrationsOf({ run, hasTable }: Connection): Promise<string[]> {
  if (!(await hasTable('migration'))) return [];
  return (await run('SELECT name FROM migration ORDER BY id', [])).map(({ name }) => String(name));
}

export function assertRestorable({ schema, latchkey }: Header): void {
  if (isSame(schema)) return;
  throw new UnusableBackup(
    `it has the schema of Latchkey ${latchkey} (${schema.at(-1)}), this version has ${SCHEMA.at(-1)}: restore it with Latchkey ${latchkey}, and upgrade afterwards`,
  );
}

const isSame = (names: readonly string[]): boolean =>
  names.length === SCHEMA.length && SCHEMA.every((name) => names.includes(name));
