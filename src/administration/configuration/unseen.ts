import type { OwnType } from '../../../packages/protocol/src/own-type.js';
import { formatScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { BearerError, refusedUnseen } from '../../protocol/bearer-error.js';
import { permission } from '../access/permits.js';
import type { Writer } from '../access/writer.js';

export const mayRead = ({ holdings }: Writer, type: OwnType, id: string): boolean =>
  holdings.may(permission(type, id, 'read'));

/** Runs a write by a caller that may not read the document: a refusal names nothing of it, but in the audit. */
export async function judgedUnseen<T>(type: OwnType, id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BearerError) || error.status !== 403) throw error;
    throw refusedUnseen(error, formatScopeItem(permission(type, id, 'read')));
  }
}
