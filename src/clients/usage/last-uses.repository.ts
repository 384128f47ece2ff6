import type { EntityManager } from 'typeorm';
import { places } from '../../database/durable-writer.js';
import type { Row } from '../../database/row-reader.js';
import { type LastUse, lastUseOf } from './last-use.js';

/** Those of removed secrets and keys are kept among them, so that the last use of a client is known after a rotation. */
const MAX_USES = 100;
/** At once; the next change deletes the rest. */
const MAX_FORGOTTEN_USES = 100;

export const REMOVE_USES = 'DELETE FROM last_use WHERE client_id = ?';

/** Deletes all but the latest uses of a client. */
export async function forgetUses(manager: EntityManager, clientId: string): Promise<void> {
  const old: Row[] = await manager.query(
    `SELECT id FROM last_use WHERE client_id = ? ORDER BY used_at DESC LIMIT ${MAX_FORGOTTEN_USES} OFFSET ${MAX_USES}`,
    [clientId],
  );
  const ids = old.map(({ id }) => id);
  if (ids.length > 0) await manager.query(`DELETE FROM last_use WHERE id IN (${places(ids)})`, ids);
}

/** The newest first. */
export async function lastUsesOf(manager: EntityManager, clientIds: readonly string[]): Promise<LastUse[]> {
  if (clientIds.length === 0) return [];
  const rows: Row[] = await manager.query(
    `SELECT id, client_id, kind, name, used_at, address, user_agent FROM last_use
     WHERE client_id IN (${places(clientIds)}) AND used_at > 0 ORDER BY used_at DESC, id`,
    [...clientIds],
  );
  return rows.map(lastUseOf);
}
