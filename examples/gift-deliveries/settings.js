/** What the environment decides; the defaults fit a Latchkey and a World Mappers API on this machine. */
export function readSettings(env) {
  const issuer = env.ISSUER || 'http://localhost:8080/';
  return {
    tokenEndpoint: new URL('oauth/token', issuer.endsWith('/') ? issuer : `${issuer}/`),
    audience: env.RESOURCE_SERVER || 'urn:worldmappers',
    clientId: required(env, 'CLIENT_ID'),
    clientSecret: required(env, 'CLIENT_SECRET'),
    apiUrl: env.API_URL || 'http://localhost:7001',
  };
}

function required(env, name) {
  if (!env[name]) throw new Error(`${name} is not set.`);
  return env[name];
}
