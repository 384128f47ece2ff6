import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { form } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, aResource, regrant, type TestClient } from '../../support/registration.js';

const PAY = 'urn:pay';
const OTHER = { operations: [{ name: 'spend' }], audience: PAY };
const GONE = {
  error: 'invalid_grant',
  error_description: 'no item of the original grant is granted any more',
};

describe.each(['jwt', 'opaque'])('A token whose audience followed from its items, %s', (token_format) => {
  const library = useLibrary();
  let root: Admin;
  let client: TestClient;

  beforeAll(async () => {
    root = admin(library.server);
    await aResource(library.server, 'wallet', ['read'], { audience: PAY });
    client = await aClient(library.server)
      .withTokens({ token_format, refresh_token: true })
      .withGrant('wallet:*:*', 'map:*:*')
      .register();
  });

  const refresh = (refresh_token: string) =>
    client.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
  const move = async (audience: string) =>
    expect((await root.patch('/Resource/wallet', { audience })).status).toBe(200);

  it('keeps the audience from a caller without the right to change its client, while it lives (fault A1)', async () => {
    const { body } = await client.ask(NATIVE, { scope: 'wallet:1:read' });
    await move('urn:pay-2');
    const taker = await aCaller(library.server, 'Resource:purse:*');
    const refused = await taker.rest.put('/Resource/purse', OTHER);
    expectProblem(refused, 403);
    expect(refused.body.detail).toContain(`Client:${client.id}:update`);
    expectProblem(await taker.rest.post('/Resource', { id: 'purse', ...OTHER }), 403);
    await form(`${library.server.url}/auth/revoke`, { token: body.access_token }, client.basic);
    // The refresh token lives on.
    expectProblem(await taker.rest.put('/Resource/purse', OTHER), 403);
    const both = await aCaller(library.server, 'Resource:purse:*', `Client:${client.id}:update`);
    expect((await both.rest.put('/Resource/purse', OTHER)).status).toBe(201);
    expect((await both.rest.delete('/Resource/purse')).status).toBe(204);
    await move(PAY);
  });

  it('is not refreshed for an audience to which none of its items belongs any more (fault A1, RFC 6749 6)', async () => {
    const one = (await client.ask(NATIVE, { scope: 'wallet:1:read' })).body;
    const two = (await client.ask(NATIVE, { scope: 'wallet:1:read map:1:zoom' })).body;
    await move('urn:pay-2');
    for (const registered of [false, true]) {
      if (registered) expect((await root.put('/Resource/purse', OTHER)).status).toBe(201);
      const refused = await refresh(one.refresh_token);
      expect([refused.status, refused.body]).toEqual([400, GONE]);
      const shown = await form(
        `${library.server.url}/auth/introspect`,
        { token: one.refresh_token },
        client.basic,
      );
      expect(shown.body).toEqual({ active: false });
    }
    const { body } = await refresh(two.refresh_token);
    expect(body.scope).toBe('map:1:zoom');
    if (token_format === 'jwt') expect(decodeJwt(body.access_token).aud).toBe('urn:atlas');
    expect((await root.delete('/Resource/purse')).status).toBe(204);
    await move(PAY);
    // Nothing was used up.
    expect((await refresh(one.refresh_token)).body.scope).toBe('wallet:1:read');
  });

  it('loses the audience on refresh when a policy takes the last item of it (fault A1, RFC 6749 6)', async () => {
    const asked = await client.ask(NATIVE, { scope: 'wallet:1:read map:1:zoom' });
    const audienceOf = async ({ access_token }: { access_token: string }) =>
      (await form(`${library.server.url}/auth/introspect`, { token: access_token }, client.basic)).body.aud;
    await regrant(library.server, client, 'map:*:*');
    const { body } = await refresh(asked.body.refresh_token);
    expect([body.scope, await audienceOf(body)]).toEqual(['map:1:zoom', 'urn:atlas']);
    const refused = await client.post(NATIVE, {
      grant_type: 'refresh_token',
      refresh_token: body.refresh_token,
      resource: PAY,
    });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_target']);
    await regrant(library.server, client, 'wallet:*:*', 'map:*:*');
    const again = (await refresh(body.refresh_token)).body;
    expect(await audienceOf(again)).toEqual([PAY, 'urn:atlas']);
  });

  it('is only for the audiences of the items to which a refresh is narrowed (fault A1, RFC 6749 6)', async () => {
    const { body } = await client.ask(NATIVE, { scope: 'wallet:1:read map:1:zoom' });
    const narrow = (fields: Record<string, string | string[]>) =>
      client.post(NATIVE, { grant_type: 'refresh_token', refresh_token: body.refresh_token, ...fields });
    const both = await narrow({ scope: 'map:1:zoom', resource: [PAY, 'urn:atlas'] });
    expect([both.status, both.body]).toEqual([
      400,
      { error: 'invalid_scope', error_description: 'no item of scope belongs to the requested audience' },
    ]);
    const narrowed = await narrow({ scope: 'map:1:zoom' });
    expect(narrowed.body.scope).toBe('map:1:zoom');
    const shown = await form(
      `${library.server.url}/auth/introspect`,
      { token: narrowed.body.access_token },
      client.basic,
    );
    expect(shown.body.aud).toBe('urn:atlas');
  });

  it('frees the audience once its sessions are closed and no JWT lives (fault A1)', async () => {
    const { body } = await client.ask(NATIVE, { scope: 'wallet:1:read' });
    expect(body.refresh_token).toBeDefined();
    expect((await root.delete(`/Session?client=${client.id}`)).status).toBe(204);
    await move('urn:pay-2');
    const taker = await aCaller(library.server, 'Resource:purse:*');
    const answer = await taker.rest.put('/Resource/purse', OTHER);
    expect(answer.status).toBe(token_format === 'jwt' ? 403 : 201);
  });
});
