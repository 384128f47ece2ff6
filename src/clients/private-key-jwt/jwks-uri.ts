const LONGEST = 2048;
/** Strict where the parser of URLs is not: two slashes, no spaces around it. */
const ABSOLUTE = /^(https?):\/\/\S+$/i;

/** What is wrong with the address of a client's JWK Set; nothing when it is right. */
export function jwksUriFault(value: unknown, allowPrivate: boolean): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST || !URL.canParse(value)) {
    return `must be an absolute URL of at most ${LONGEST} characters`;
  }
  const scheme = ABSOLUTE.exec(value)?.[1]?.toLowerCase();
  if (scheme !== 'https' && !(allowPrivate && scheme === 'http')) return 'must start with https://';
  const { username, password } = new URL(value);
  return username || password || value.includes('#')
    ? 'must not contain user information or a fragment'
    : undefined;
}
