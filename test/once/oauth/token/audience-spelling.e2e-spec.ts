import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../../support/admin.js';
import { at, DIALECTS, NATIVE } from '../../../support/dialects.js';
import { useLibrary } from '../../../support/library.js';
import { aClient, aResource, type TestClient } from '../../../support/registration.js';

const TOOLS = 'https://mcp.example/tools';
const ROOT = 'HTTPS://Api.Example:443';

const library = useLibrary();
let root: Admin;
let client: TestClient;

beforeAll(async () => {
  root = admin(library.server);
  await aResource(library.server, 'tools', ['call'], { audience: TOOLS });
  await aResource(library.server, 'api', ['read'], { audience: ROOT });
  client = await aClient(library.server)
    .withTokens({ token_format: 'jwt' })
    .withGrant('tools:*:*', 'api:*:*')
    .register();
});

describe.each(DIALECTS)('An audience in the $name dialect', (dialect) => {
  it.each([
    [TOOLS, 'HTTPS://MCP.Example/tools', 'call'],
    [TOOLS, 'https://mcp.example:443/tools', 'call'],
    [ROOT, 'https://api.example', 'read'],
    [ROOT, 'https://api.example/', 'read'],
    [ROOT, 'https://API.example:443/', 'read'],
  ])(
    'is %s for the spelling %s, by resource and by audience (RFC 3986 6.2)',
    async (audience, spelling, scope) => {
      for (const fields of [
        { resource: spelling },
        { audience: spelling },
        { audience: spelling, resource: [audience, spelling] },
      ]) {
        const token = await client.token(dialect, { ...fields, scope });
        expect(decodeJwt(token).aud, JSON.stringify(fields)).toBe(audience);
      }
    },
  );

  it.each([
    'https://mcp.example/Tools',
    'https://mcp.example/tools/',
    'https://mcp.example//tools',
    'https://mcp.example/a/../tools',
    'https://mcp.example/%74ools',
    'https://mcp.example/tools?',
    'https://mcp.example/tools#x',
    'https://mcp.example:/tools',
    'https://mcp.example:80/tools',
    'http://mcp.example/tools',
    'https://mcp.example./tools',
    'https://user@mcp.example/tools',
    ' https://mcp.example/tools',
  ])('differs from %s', async (resource) => {
    const { status, body } = await client.ask(dialect, { resource, scope: 'call' });
    expect([status, body.error]).toEqual(
      at(dialect, {
        native: [400, 'invalid_target'],
        auth0: [403, 'access_denied'],
        authing: [400, 'invalid_target'],
      }),
    );
  });
});

describe('A spelling of a registered audience', () => {
  it('needs the policies of the registered one, even where unregistered audiences are copied', async () => {
    const stranger = await aClient(library.server)
      .withTokens({ audience: ['https://MCP.example/tools'] })
      .register();
    for (const fields of [{}, { audience: 'https://MCP.example/tools' }]) {
      const { status, body } = await stranger.ask(NATIVE, fields);
      expect([status, body.error]).toEqual([400, 'invalid_target']);
    }
  });

  it('is in a client’s list as it is registered', async () => {
    const listing = await aClient(library.server)
      .withTokens({ token_format: 'jwt', audience: [TOOLS] })
      .withGrant('tools:*:*')
      .register();
    const token = await listing.token(NATIVE, { resource: 'https://MCP.example/tools' });
    expect(decodeJwt(token).aud).toBe(TOOLS);
  });

  it('names the audience of a refresh token', async () => {
    const refreshing = await aClient(library.server)
      .withTokens({ token_format: 'jwt', refresh_token: true })
      .withGrant('tools:*:*')
      .register();
    const { body } = await refreshing.ask(NATIVE, { resource: TOOLS });
    const refreshed = await refreshing.post(NATIVE, {
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
      resource: 'https://MCP.example:443/tools',
    });
    expect(refreshed.status).toBe(200);
    expect(decodeJwt(refreshed.body.access_token).aud).toBe(TOOLS);
  });

  it('is the server’s own audience for its public URL without a slash', async () => {
    const token = await client.token(NATIVE, { resource: library.server.publicUrl });
    expect(decodeJwt(token).aud).toBe(library.own);
  });

  it('cannot be registered beside it', async () => {
    for (const audience of ['https://MCP.example/tools', 'https://mcp.example:443/tools']) {
      const { status, body } = await root.put('/Resource/second', { audience });
      expect([status, body.detail]).toEqual([
        409,
        `${audience} is another spelling of the audience ${TOOLS}: use that one`,
      ]);
    }
    expect((await root.put('/Resource/second', { audience: TOOLS })).status).toBe(201);
    expect((await root.patch('/Resource/second', { audience: 'HTTPS://mcp.example/tools' })).status).toBe(
      409,
    );
    const issuer = `${library.server.publicUrl.toUpperCase().replace('HTTP', 'http')}/oidc`;
    expect((await root.put('/Resource/third', { audience: issuer })).status).toBe(409);
  });

  it('may replace it on the only resource that has it', async () => {
    await aResource(library.server, 'alone', ['read'], { audience: 'https://alone.example' });
    const { status } = await root.patch('/Resource/alone', { audience: 'https://ALONE.example/' });
    expect(status).toBe(200);
    const allowed = await aClient(library.server)
      .withTokens({ token_format: 'jwt' })
      .withGrant('alone:*:*')
      .register();
    const token = await allowed.token(NATIVE, { resource: 'https://alone.example' });
    expect(decodeJwt(token).aud).toBe('https://ALONE.example/');
  });
});
