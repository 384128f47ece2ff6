import type { ServerSettings } from '../../config/settings.js';
import type { Run } from '../engine/run.js';
import { startLockOf } from './mysql-lock.js';

/**
 * Connections to this database besides the one that runs this and the holder of the start lock. Without the privilege
 * PROCESS the server lists those of the same user only.
 */
export async function countOthers(settings: ServerSettings, run: Run): Promise<number> {
  const [own] = await run('SELECT CONNECTION_ID() AS id, IS_USED_LOCK(?) AS holder', [startLockOf(settings)]);
  const ours = [Number(own?.id), Number(own?.holder)];
  const listed = await run('SHOW PROCESSLIST', []);
  return listed.filter(({ Id, db }) => db === settings.database && !ours.includes(Number(Id))).length;
}
