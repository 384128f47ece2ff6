import { InvalidSetting } from '../../config/invalid-setting.js';
import type { ServerSettings } from '../../config/settings.js';
import { clientOptions, PostgresClient } from './postgres-client.js';

const MIN_VERSION = 140_000;

const READ = `SELECT current_setting('server_version_num')::int AS version,
  current_setting('server_encoding') AS encoding, current_setting('synchronous_commit') AS commits,
  current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages`;

/** Settings with which a row that was confirmed may be lost, in words. */
export async function checkServer(settings: ServerSettings): Promise<string[]> {
  const client = new PostgresClient(clientOptions(settings));
  await client.connect();
  try {
    const [row] = (await client.query(READ)).rows;
    const { version, encoding, commits, fsync, pages } = row as Record<string, string>;
    if (Number(version) < MIN_VERSION) {
      throw new InvalidSetting('DATABASE_URL', 'the server must be PostgreSQL 14 or later');
    }
    if (encoding !== 'UTF8') {
      throw new InvalidSetting('DATABASE_URL', `the database must have the encoding UTF8, not ${encoding}`);
    }
    return [
      ...(commits === 'off'
        ? ['synchronous_commit is off: a crash of the server loses the last commits']
        : []),
      ...(fsync === 'off' ? ['fsync is off: a power failure can destroy the database'] : []),
      ...(pages === 'off' ? ['full_page_writes is off: a power failure can destroy the database'] : []),
    ];
  } finally {
    await client.end();
  }
}
