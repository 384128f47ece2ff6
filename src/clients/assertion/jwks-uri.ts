const LONGEST = 2048;

/** What is wrong with the address of a client's JWK Set; nothing when it is right. */
export function jwksUriFault(value: unknown, allowPrivate: boolean): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST || !URL.canParse(value)) {
    return `must be an absolute URL of at most ${LONGEST} characters`;
  }
  const { protocol, username, password } = new URL(value);
  if (protocol !== 'https:' && !(allowPrivate && protocol === 'http:')) return 'must begin with https://';
  if (username || password || value.includes('#')) return 'must have no user and no fragment';
  return undefined;
}
