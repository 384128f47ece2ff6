/**
 * Entries from the top of lists of leaked and default passwords; adding digits and signs to them makes them no
 * stronger.
 */
export const FIRST_TRIED: ReadonlySet<string> = new Set([
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

/** Default passwords and placeholders that attackers try unchanged except for case and separators. */
export const TRIED_AS_THEY_ARE: ReadonlySet<string> = new Set([
  '1q2w3e4r',
  '1q2w3e4r5t',
  '1qaz2wsx',
  'abcd1234',
  'changemeplease',
  'changethis',
  'football',
  'placeholder',
  'princess',
  'qwertz123',
  'replaceme',
  'sunshine',
  'trustno1',
]);

/** Words from which people, and examples, build such secrets. */
export const KNOWN_WORDS: readonly string[] = [
  ...FIRST_TRIED,
  ...`about again aidbox all always america and angel another any api app apple april are ashley auth august auth0 authing
  autumn azerty baby bailey banana baseball basic batman battery bear because best big billing black blue book buster butter
  call car cat change charlie cheese chelsea chicken chocolate client cloud coffee company computer contrasena cookie
  correct credential credentials dallas daniel data database david day december dev development docker dog donald dont
  duck easy eat edit elephant enter every example family february fish fixme flower foo football for freedom friday friend
  from fuck fun game geheim george get ginger give god gold good google great green guess hallo hammer hannah happy have
  heaven hello help here hockey home horse hot hour house hunter hydra initial insecure insert internet january jennifer
  jesus john jordan joshua july june just kennwort key keycloak keys kill killer king known kubernetes lady latch letme
  liberty life light like little live liverpool local localhost love lovely lucky machine maggie magic man march mariadb
  martin matrix matthew may merlin metoo michael michelle mickey monday money moon motdepasse mother must mustang my mysql
  name need never new nicole ninja nobody none not nothing november now null oauth october old one only open oracle orange
  our own pass passphrase passw0rd pepper please pokemon postgres princess private prod production public purple put pwd
  qazwsx qwertz rabbit ranger real red redis remember replace robert rock rocket sample saturday schatz school secure
  security see senha september server service sesame shadow should shall silver simple sister sky snoopy soccer something
  spring staging staple star starwars steelers strong student summer sun sunday sunshine super superman sweet system
  tea team temp temporary test testing that the there these thing this thomas three thursday tiger time today todo token
  tomorrow top toor tree trust trustno tuesday two under unknown unsafe use user username vault very wait want water
  wednesday well whatever white will winter wizard wolf word work world wrong yankees yellow yes yesterday you your zero
  am an as at be by do go he if in is it me no of oh ok on or so to up us we`.split(/\s+/),
];

/** Adjacent keys, and letters and digits in sequence. */
export const KEY_RUNS: readonly string[] = [
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'qsdfghjklm',
  'zxcvbnm',
  'yxcvbnm',
  '1q2w3e4r5t6y7u8i9o0p',
  'a1b2c3d4e5f6g7h8i9',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  'qazwsxedcrfvtgbyhnujm',
  '1a2b3c4d5e6f',
  'q1w2e3r4t5y6',
];
