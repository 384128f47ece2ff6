import { printable } from '../../../packages/protocol/src/error-description.js';
import { isHandle } from '../../crypto/handle.js';
import { isId } from '../../protocol/identifier.js';

const MAX_SHOWN_LENGTH = 64;
const MIN_SECRET_LENGTH = 8;
const MAX_SECRET_LENGTH = 255;

/**
 * The client id that a rejected request claimed, as the audit may store it: bounded, printable, and not a misplaced
 * secret. An id that no client has is stored only if it does not resemble a secret.
 */
export function auditableClientId(
  id: string | undefined,
  isRegistered = false,
): { clientId?: string; presented?: string } {
  if (id === undefined || id === '') return {};
  if (isHandle(id)) return { presented: `${id.slice(0, 4)}…` };
  if (isRegistered) return { clientId: id };
  const [head = '', ...rest] = id.split(':', 2);
  if (rest.length > 0 && isId(head)) return { presented: mayBeSecret(head) ? '…' : `${head}:…` };
  if (mayBeSecret(id)) return { presented: '…' };
  return isId(id) ? { clientId: id } : { presented: printable(id).slice(0, MAX_SHOWN_LENGTH) };
}

/** Whether this may be a chosen secret: ids rarely mix upper case, lower case and digits. */
function mayBeSecret(text: string): boolean {
  if (text.length < MIN_SECRET_LENGTH || text.length > MAX_SECRET_LENGTH) return false;
  return isId(text)
    ? [/[A-Z]/, /[a-z]/, /[0-9]/].every((kind) => kind.test(text))
    : !/\p{Control}/u.test(text);
}
