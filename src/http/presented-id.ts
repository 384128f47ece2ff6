import { isHandle } from '../crypto/handle.js';
import { printable } from '../protocol/error-description.js';
import { isId } from '../protocol/identifier.js';

const LONGEST = 64;

/** Whom a refused request said it was, as the audit may keep it: bounded, printable, and no secret in the wrong place. */
export function presentedAs(id: string | undefined): { clientId?: string; presented?: string } {
  if (id === undefined || id === '') return {};
  if (isHandle(id)) return { presented: `${id.slice(0, 4)}…` };
  const presented = printable(id).slice(0, LONGEST);
  return isId(id) ? { clientId: id } : { presented };
}
