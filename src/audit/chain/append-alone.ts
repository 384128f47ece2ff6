import type { Run } from '../../database/engine/run.js';
import type { AuditEntry } from '../audit-event.js';
import { endOf, insertEvents, SELECT_HEAD } from '../audit-row.js';
import { extend } from './chain.js';
import { isIntact, recoverEnd } from './chain-recovery.js';

/** Appends to the chain inside a transaction of a program that alone uses the database; servers use `AuditChain`. */
export async function appendAlone(run: Run, key: Buffer, entry: AuditEntry): Promise<void> {
  const [row] = await run(SELECT_HEAD, []);
  const head = endOf(row);
  const start =
    head && isIntact(key, row, 1)
      ? { from: head, entries: [entry] }
      : await recoverEnd(run, key, row, 2).then((recovery) => ({
          from: recovery.from,
          entries: [recovery.entry, entry],
        }));
  const extended = extend(key, start.from, start.entries);
  for (const { sql, values } of insertEvents(extended.events)) await run(sql, values);
  const { sequence, hash, seal } = extended.head;
  await run('UPDATE audit_head SET sequence = ?, hash = ?, seal = ? WHERE id = 1', [sequence, hash, seal]);
}
