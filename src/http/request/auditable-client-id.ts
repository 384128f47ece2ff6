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

const ID_IN_TEXT = /[A-Za-z0-9][A-Za-z0-9._-]*/g;

/** A description that repeats what a request named, as the audit may store it: each possible secret is masked. */
export const auditableDescription = (text: string): string =>
  text.replace(ID_IN_TEXT, (id) => (mayBeSecret(id) ? '…' : id));

/** Whether this may be a secret: ids rarely mix upper case, lower case and digits, and are made of words. */
function mayBeSecret(text: string): boolean {
  if (text.length < MIN_SECRET_LENGTH || text.length > MAX_SECRET_LENGTH) return false;
  if (!isId(text)) return !/\p{Control}/u.test(text);
  return (
    [/[A-Z]/, /[a-z]/, /[0-9]/].every((kind) => kind.test(text)) || text.split(/[._-]/).some(looksRandom)
  );
}

const MIN_RANDOM_LENGTH = 20;
const MIN_CHANGES = 4;
const MIN_VOWEL_SHARE = 0.3;
const HEXADECIMAL = /^[0-9a-f]{32,}$/i;
const CONSONANTS = /[b-df-hj-np-tv-xz]{5}/i;

/** Whether a run without separators is unlike words and numbers. */
function looksRandom(run: string): boolean {
  if (HEXADECIMAL.test(run)) return true;
  if (run.length < MIN_RANDOM_LENGTH) return false;
  const changes = [...run.matchAll(/[a-z](?=[0-9])|[0-9](?=[a-z])/gi)].length;
  if (changes >= MIN_CHANGES) return true;
  const vowels = [...run.matchAll(/[aeiouy]/gi)].length;
  return /^[a-z]+$/i.test(run) && (vowels < run.length * MIN_VOWEL_SHARE || CONSONANTS.test(run));
}
