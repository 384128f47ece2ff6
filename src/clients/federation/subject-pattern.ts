/*
 * Subjects in rules: literal text with `*`, which stands for one or more characters of one segment, and `**`, which
 * stands for one or more characters of any kind. Segments end at `:` and `/`, as in repo:acme/app:ref:refs/heads/main,
 * system:serviceaccount:shop:api and spiffe://example.org/ns/shop.
 */

const MAX_CHARACTERS = 1024;
const MAX_WILDCARDS = 8;
/** Of a subject's segments, for the index; later ones are compared only. */
const MAX_INDEXED_SEGMENTS = 32;

const WILDCARD = /\*+/g;
const isSeparator = (character: string | undefined): boolean => character === ':' || character === '/';

export const isPattern = (subject: string): boolean => subject.includes('*');

/** Whether it matches every subject. */
export const fitsAnySubject = (subject: string): boolean => /^\*+$/.test(subject);

/** The fault of a subject in a rule; undefined if it is valid. */
export function subjectFault(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || [...value].length > MAX_CHARACTERS)
    return `must be 1 to ${MAX_CHARACTERS} characters`;
  const wildcards = value.match(WILDCARD) ?? [];
  if (wildcards.some(({ length }) => length > 2)) return 'must not contain more than two * in a row';
  return wildcards.length > MAX_WILDCARDS ? `must contain at most ${MAX_WILDCARDS} wildcards` : undefined;
}

/** Compares in time that grows with the product of the two lengths at most, whatever the pattern. */
export function fitsSubject(pattern: string, subject: string): boolean {
  if (!isPattern(pattern)) return pattern === subject;
  // Which places of the subject the pattern up to here can have reached.
  let reached = new Uint8Array(subject.length + 1);
  reached[0] = 1;
  for (const part of pattern.split(/(\*+)/)) {
    if (part === '') continue;
    reached = part.startsWith('*')
      ? afterWildcard(part, subject, reached)
      : afterText(part, subject, reached);
  }
  return reached[subject.length] === 1;
}

function afterText(text: string, subject: string, reached: Uint8Array): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(reached.length);
  for (let at = 0; at + text.length <= subject.length; at++) {
    if (reached[at] === 1 && subject.startsWith(text, at)) next[at + text.length] = 1;
  }
  return next;
}

function afterWildcard(wildcard: string, subject: string, reached: Uint8Array): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(reached.length);
  let isInside = false;
  for (let at = 0; at < subject.length; at++) {
    const isStopped = wildcard === '*' && isSeparator(subject[at]);
    isInside = (isInside || reached[at] === 1) && !isStopped;
    if (isInside) next[at + 1] = 1;
  }
  return next;
}

/** The key under which a rule is indexed: its whole subject, or the segments before its first wildcard. */
export function anchorOf(subject: string): string {
  if (!isPattern(subject)) return `=${subject}`;
  const ends = segmentEnds(subject.slice(0, subject.indexOf('*')));
  return `^${subject.slice(0, ends.at(-1))}`;
}

/** The keys of all rules that can fit a subject: as many as it has segments, however many rules there are. */
export const anchorsFor = (subject: string): string[] => [
  `=${subject}`,
  ...segmentEnds(subject).map((end) => `^${subject.slice(0, end)}`),
];

/** The places behind its separators, and its beginning. */
function segmentEnds(text: string): number[] {
  const ends = [0];
  for (let at = 0; at < text.length && ends.length <= MAX_INDEXED_SEGMENTS; at++) {
    if (isSeparator(text[at])) ends.push(at + 1);
  }
  return ends;
}
