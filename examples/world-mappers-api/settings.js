/** What the environment decides; the defaults fit a Latchkey on this machine. */
export function readSettings(env) {
  const issuer = env.ISSUER || 'http://localhost:8080/';
  return {
    issuer,
    jwksUri: new URL('.well-known/jwks.json', issuer.endsWith('/') ? issuer : `${issuer}/`).href,
    audience: env.RESOURCE_SERVER || 'urn:worldmappers',
    host: env.HOST || '127.0.0.1',
    port: Number(env.PORT || 7001),
  };
}
