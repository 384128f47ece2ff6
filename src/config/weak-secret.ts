import { FIRST_TRIED, KEY_RUNS, KNOWN_WORDS, TRIED_AS_THEY_ARE } from './known-words.js';

const MIN_DIFFERENT_CHARACTERS = 5;

const SUBSTITUTIONS: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '@': 'a',
  $: 's',
};

/** A chosen secret shorter than this is worth a warning. */
const SHORT_SECRET_CHARACTERS = 16;
/** People rarely choose a secret with more digits than this. */
const MAX_CHOSEN_DIGITS = 20;
const MIN_RUN = 3;

/** Why a secret is among the first an attacker would try, who may know the client's id. */
export function weaknessOf(secret: string, id: string): string | undefined {
  const text = secret.toLowerCase();
  if (new Set(text).size < MIN_DIFFERENT_CHARACTERS) {
    return `must contain at least ${MIN_DIFFERENT_CHARACTERS} different characters`;
  }
  const readings = [text, plainly(withoutEnds(text))].map(lettersOf);
  const known = readings.some((letters) => {
    const piece = repeatedPiece(letters);
    return piece === '' || FIRST_TRIED.has(piece) || piece === lettersOf(id.toLowerCase());
  });
  const asItIs = TRIED_AS_THEY_ARE.has(text.replace(/[\s._-]/g, ''));
  if (known || asItIs || repeatedPiece(text) !== text) return 'is easy to guess';
  return undefined;
}

/** Why an acceptable secret deserves a warning: it is short, or consists only of guessable pieces. */
export function doubtAbout(secret: string, id: string): string | undefined {
  if (secret.length < SHORT_SECRET_CHARACTERS)
    return `shorter than ${SHORT_SECRET_CHARACTERS} characters; use a random value`;
  return isPutTogether(secret, id)
    ? 'made only of common words, keyboard runs and digits; use a random value'
    : undefined;
}

function isPutTogether(secret: string, id: string): boolean {
  const text = secret.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  if (text.replace(/\D/g, '').length > MAX_CHOSEN_DIGITS) return false;
  const read = plainly(text);
  const words = [...KNOWN_WORDS, id.toLowerCase()];
  // Offsets up to which the text consists of such pieces.
  const reached = new Set([0]);
  for (const place of reached) {
    if (/^\P{L}/u.test(text.slice(place))) reached.add(place + 1);
    for (const word of words) {
      if (text.startsWith(word, place) || read.startsWith(word, place)) reached.add(place + word.length);
    }
    for (let end = place + MIN_RUN; isRun(text.slice(place, end)) && end <= text.length; end++)
      reached.add(end);
  }
  return reached.has(text.length);
}

/** Adjacent keys in either direction, or one key repeated. */
const isRun = (piece: string): boolean =>
  RUNS.some((run) => run.includes(piece)) || new Set(piece).size === 1;

const RUNS = KEY_RUNS.flatMap((run) => [run, [...run].reverse().join('')]);

/** Undoes common substitutions: `p4ssw0rd` becomes `password`. */
const plainly = (text: string): string =>
  text.replace(/./gu, (character) => SUBSTITUTIONS[character] ?? character);

/** Characters before and after the word are not part of its spelling. */
const withoutEnds = (text: string): string => text.replace(/^\P{L}+|\P{L}+$/gu, '');

const lettersOf = (text: string): string => text.replace(/\P{L}/gu, '');

/** The shortest piece whose repetition makes up the whole text. */
const repeatedPiece = (text: string): string => /^(.+?)\1*$/su.exec(text)?.[1] ?? '';
