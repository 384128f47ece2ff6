const FEWEST_DIFFERENT_CHARACTERS = 5;

/** What lists of leaked and default passwords begin with; digits and signs around such a word make it no better. */
const WORDS = new Set([
  'abcdefgh',
  'abcdefghijkl',
  'access',
  'admin',
  'administrator',
  'asdfghjkl',
  'changeit',
  'changeme',
  'default',
  'dragon',
  'example',
  'guest',
  'iloveyou',
  'latchkey',
  'letmein',
  'login',
  'master',
  'monkey',
  'passw',
  'passwd',
  'password',
  'passwort',
  'qwerty',
  'qwertyuiop',
  'root',
  'secret',
  'supersecret',
  'superuser',
  'test',
  'welcome',
]);

const LOOK_ALIKES: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '@': 'a',
  $: 's',
};

/** Below this a secret that somebody chose is worth a warning. */
export const SHORT_SECRET_CHARACTERS = 16;

/** What makes a secret one of the first that a stranger tries, who may know the client's id. */
export function weaknessOf(secret: string, id: string): string | undefined {
  const text = secret.toLowerCase();
  if (new Set(text).size < FEWEST_DIFFERENT_CHARACTERS) {
    return `must have ${FEWEST_DIFFERENT_CHARACTERS} different characters or more`;
  }
  const readings = [text, plainly(withoutEnds(text))].map(lettersOf);
  const known = readings.some((letters) => {
    const piece = repeatedPiece(letters);
    return piece === '' || WORDS.has(piece) || piece === lettersOf(id.toLowerCase());
  });
  if (known || repeatedPiece(text) !== text) return 'is easy to guess';
  return undefined;
}

/** `p4ssw0rd` is `password`. */
const plainly = (text: string): string =>
  text.replace(/./gu, (character) => LOOK_ALIKES[character] ?? character);

/** What stands before and after the word is no part of its spelling. */
const withoutEnds = (text: string): string => text.replace(/^\P{L}+|\P{L}+$/gu, '');

const lettersOf = (text: string): string => text.replace(/\P{L}/gu, '');

/** The shortest piece that makes up all of a text. */
const repeatedPiece = (text: string): string => /^(.+?)\1*$/su.exec(text)?.[1] ?? '';
