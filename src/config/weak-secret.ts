const FEWEST_CHARACTERS = 12;
const FEWEST_DIFFERENT_CHARACTERS = 6;
/** What must be left once words and rows of keys are taken out. */
const FEWEST_CHARACTERS_OF_ITS_OWN = 6;
const SHORTEST_RUN = 3;

/** Words that lists of leaked and default passwords begin with. */
const WORDS = [
  'administrator',
  'changeme',
  'changeit',
  'password',
  'passwort',
  'passwd',
  'secret',
  'latchkey',
  'default',
  'letmein',
  'welcome',
  'example',
  'client',
  'access',
  'master',
  'monkey',
  'dragon',
  'please',
  'change',
  'admin',
  'login',
  'token',
  'guest',
  'super',
  'short',
  'root',
  'user',
  'test',
  'demo',
  'pass',
  'very',
  'weak',
  'this',
  'your',
  'key',
  'my',
  'me',
];

/** Neighbours on a keyboard or in an alphabet, read in both directions. */
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
  '1q2w3e4r5t6y7u8i9o0p',
].flatMap((row) => [row, [...row].reverse().join('')]);

const LOOK_ALIKES: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** What makes a secret easy to guess for somebody who knows the client's id, or nothing. */
export function weaknessOf(secret: string, id: string): string | undefined {
  if (secret.length < FEWEST_CHARACTERS) return `must have ${FEWEST_CHARACTERS} characters or more`;
  const text = secret.toLowerCase();
  if (new Set(text).size < FEWEST_DIFFERENT_CHARACTERS) {
    return `must have ${FEWEST_DIFFERENT_CHARACTERS} different characters or more`;
  }
  const withoutRuns = withoutRows(text);
  const known = [id.toLowerCase(), ...WORDS];
  const own = [withoutRuns, plainly(withoutRuns)].map((read) => ownCharacters(read, known));
  if (Math.min(...own) < FEWEST_CHARACTERS_OF_ITS_OWN || isRepeated(text)) {
    return 'is easy to guess: it is made of known words, the id, or neighbours on the keyboard';
  }
  return undefined;
}

/** `p4ssw0rd` is `password`. */
const plainly = (text: string): string =>
  text.replace(/./gu, (character) => LOOK_ALIKES[character] ?? character);

function ownCharacters(text: string, known: readonly string[]): number {
  const left = known.reduce((rest, word) => rest.replaceAll(word, ' '), text);
  return left.replace(/[^\p{L}\p{N}]/gu, '').length;
}

function withoutRows(text: string): string {
  let left = '';
  for (let start = 0; start < text.length; ) {
    const length = longestRun(text, start);
    if (length < SHORTEST_RUN) left += text[start++];
    else {
      left += ' ';
      start += length;
    }
  }
  return left;
}

function longestRun(text: string, start: number): number {
  let length = SHORTEST_RUN;
  while (start + length <= text.length && ROWS.some((row) => row.includes(text.slice(start, start + length))))
    length++;
  return length - 1;
}

/** One short piece over and over. */
const isRepeated = (text: string): boolean => /^(.{1,8}?)\1+.{0,7}$/su.test(text);
