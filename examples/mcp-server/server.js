import { createApp } from './app.js';

const { ISSUER, AUDIENCE, RESOURCE_METADATA, CLIENT_ID, CLIENT_SECRET } = process.env;
const { PORT = '7004', HOST = '127.0.0.1' } = process.env;
for (const [name, value] of Object.entries({
  ISSUER,
  AUDIENCE,
  RESOURCE_METADATA,
  CLIENT_ID,
  CLIENT_SECRET,
})) {
  if (value) continue;
  console.error(`${name}: is required, see README.md`);
  process.exit(1);
}

const app = createApp({
  issuer: ISSUER,
  audience: AUDIENCE,
  resourceMetadata: RESOURCE_METADATA,
  // Opaque tokens need it; for JWTs it makes a closed session and a changed policy apply at once.
  introspection: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, jwts: true },
});

const server = app.listen(Number(PORT), HOST, (error) => {
  if (error) {
    console.error(`The MCP server cannot start: ${error.message}`);
    process.exit(1);
  }
  console.log(`The MCP server is at http://localhost:${server.address().port}`);
});
