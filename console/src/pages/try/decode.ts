const textOf = (part: string): string => {
  const base64 = part.replaceAll('-', '+').replaceAll('_', '/');
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
};

/** Header and claims of a JWT, without any check of its signature; undefined if it is none. */
export function decoded(token: string): { header: unknown; claims: unknown } | undefined {
  const [header = '', claims = '', signature] = token.split('.');
  if (signature === undefined) return undefined;
  try {
    return { header: JSON.parse(textOf(header)), claims: JSON.parse(textOf(claims)) };
  } catch {
    return undefined;
  }
}
