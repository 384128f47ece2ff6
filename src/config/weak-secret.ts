/** What attackers try first; adding digits and signs makes it no harder to guess. */
const GUESSED_WORDS =
  `admin administrator superuser root guest user test default example latchkey login access welcome master
  password passwort passwd passw pass supersecret secret changeme changeit changethis replaceme placeholder please letmein
  iloveyou dragon monkey football princess sunshine trustno abcd abcdefgh abcdefghijkl qwerty qwertz qwertyuiop azerty
  asdfghjkl 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 123 1234 12345 123456 1234567 12345678 123456789 1234567890`.split(
    /\s+/,
  );

const SPELLINGS: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '@': 'a',
  $: 's',
};

const MIN_DIFFERENT_CHARACTERS = 5;

/** A chosen secret shorter than this is worth a warning. */
const MIN_UNDOUBTED_CHARACTERS = 16;

/** Why a secret is among the first an attacker would try, who may know the client's id. */
export function weaknessOf(secret: string, id: string): string | undefined {
  const text = plainly(secret);
  const words = [...GUESSED_WORDS, id].map(plainly).sort((one, other) => other.length - one.length);
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), text);
  if (new Set(rest).size < MIN_DIFFERENT_CHARACTERS) {
    return `must contain at least ${MIN_DIFFERENT_CHARACTERS} different characters besides words that attackers try first`;
  }
  return /^(.+?)\1+$/su.test(text) ? 'must not be one piece repeated' : undefined;
}

/** Why an acceptable secret deserves a warning. */
export const doubtAbout = (secret: string): string | undefined =>
  secret.length < MIN_UNDOUBTED_CHARACTERS
    ? `shorter than ${MIN_UNDOUBTED_CHARACTERS} characters; use a random value`
    : undefined;

/** Without case, separators and common substitutions: `P4ss-w0rd` becomes `password`. */
const plainly = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\s._-]/g, '')
    .replace(/[01345@$]/g, (sign) => SPELLINGS[sign] ?? sign);
