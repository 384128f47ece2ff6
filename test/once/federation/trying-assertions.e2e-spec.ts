import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { issuerOf, nowSeconds } from '../../support/assertions.js';
import { AUTHING } from '../../support/dialects.js';
import { basic } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aFederatedClient, GITHUB, KUBERNETES, Platform, present } from '../../support/platforms.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow' } });
let github: Platform;
let deploy = '';

beforeAll(async () => {
  github = await Platform.start();
  await github.trust(library.server, 'github', { shared: true, pins: ['repository_owner_id', 'repository'] });
  const rules = [
    { issuer: 'github', ...GITHUB.rule },
    { issuer: github.issuer, subject: 'repo:acme*', claims: { repository: 'acme/shop' } },
  ];
  deploy = (await aFederatedClient(library.server, rules)).id;
});
afterAll(() => github.stop());

const attempt = async (assertion: string, client_id?: string) =>
  (
    await admin(library.server).post('/TrustedIssuer/$try', {
      assertion,
      ...(client_id ? { client_id } : {}),
    })
  ).body;

describe('TrustedIssuer/$try', () => {
  it('explains each rule and claim, warns of strangers, and uses nothing up', async () => {
    const { server } = library;
    const token = await github.token(server, GITHUB.claims);
    const reference = { resourceType: 'Client', id: deploy };
    const expected = {
      accepted: true,
      client: reference,
      reasons: [],
      issuer: { resourceType: 'TrustedIssuer', id: 'github' },
      dialects: ['native', 'auth0'],
      clients: [
        {
          client: reference,
          fits: true,
          rules: [
            {
              rule: 0,
              fits: true,
              subject: { demanded: GITHUB.rule.subject, found: GITHUB.claims.sub, fits: true },
              claims: [
                { claim: 'repository_owner_id', demanded: '65', found: '65', fits: true },
                {
                  claim: 'event_name',
                  demanded: ['push', 'workflow_dispatch'],
                  found: 'push',
                  fits: true,
                },
              ],
              warnings: [],
            },
            {
              rule: 1,
              fits: false,
              subject: {
                demanded: 'repo:acme*',
                found: GITHUB.claims.sub,
                fits: false,
                reason: 'sub does not fit the pattern',
              },
              claims: [{ claim: 'repository', demanded: 'acme/shop', found: 'acme/shop', fits: true }],
              warnings: [expect.stringContaining('repo:acme*'), expect.stringContaining('fix an id')],
            },
          ],
        },
      ],
      proposal: {
        rule: {
          issuer: 'github',
          subject: GITHUB.claims.sub,
          claims: { repository_owner_id: '65', repository: 'acme/shop', repository_id: '74' },
        },
        warnings: [],
      },
      more: false,
      warnings: [],
    };
    for (let again = 0; again < 2; again++) expect(await attempt(token)).toEqual(expected);
    expect((await present(server, token)).status).toBe(200);
    expect(await attempt(token)).toMatchObject({ accepted: false, reasons: ['it was used before'] });
  });

  it.each([
    ['a claim', GITHUB.stranger, ['it fits no rule']],
    ['sub', KUBERNETES.claims, ['it fits no rule']],
    ['aud', { aud: 'https://another.example' }, [expect.stringContaining('aud')]],
    ['the lifetime', { exp: nowSeconds() + 9000 }, [expect.stringContaining('exp')]],
    ['the expiry', { exp: nowSeconds() - 900, iat: undefined }, ['its exp has passed']],
    ['iss', { iss: 'https://another.example' }, ['its issuer is not trusted']],
  ])('says that %s is wrong', async (_what, claims, reasons) => {
    const token = await github.token(library.server, { ...GITHUB.claims, ...claims });
    expect(await attempt(token)).toMatchObject({ accepted: false, reasons });
  });

  it('says which dialect it is for', async () => {
    const { server } = library;
    const token = await github.token(server, { ...GITHUB.claims, aud: issuerOf(server, AUTHING) });
    expect(await attempt(token)).toMatchObject({ accepted: true, dialects: ['authing'] });
  });

  it('says why a client is refused, and when client_id is needed', async () => {
    const { server } = library;
    const { id } = await aFederatedClient(server, [{ issuer: 'github', ...GITHUB.rule }]);
    const token = await github.token(server, GITHUB.claims);
    expect(await attempt(token)).toMatchObject({
      accepted: false,
      reasons: ['it fits several clients: send client_id'],
    });
    expect(await attempt(token, id)).toMatchObject({ accepted: true, clients: [{ client: { id } }] });
    await admin(server).patch(`/Client/${id}`, { active: false });
    expect(await attempt(token, id)).toMatchObject({
      accepted: false,
      clients: [{ fits: false, reason: 'the client is disabled', rules: [{ fits: true }] }],
    });
    expect(await attempt(token, 'nobody')).toMatchObject({ reasons: ['Client nobody does not exist'] });
    await admin(server).delete(`/Client/${id}`);
  });

  it('proposes a rule that lets in this token and no stranger, as a patch that works', async () => {
    const { server } = library;
    const { id } = await aClient(server).withGrant('book:*:read').register();
    const job = { ...GITHUB.claims, sub: 'repo:acme/proposed:ref:refs/heads/main' };
    const token = await github.token(server, job);
    expect((await present(server, token, { client_id: id })).status).toBe(401);
    const { accepted, proposal } = await attempt(token, id);
    expect([accepted, proposal.warnings, proposal.patch.federated]).toEqual([false, [], [proposal.rule]]);
    expect((await admin(server).patch(`/Client/${id}`, proposal.patch)).status).toBe(200);
    const again = await attempt(token, id);
    expect(again.accepted).toBe(true);
    expect(again.proposal).not.toHaveProperty('patch');
    for (const claims of [job, { ...job, ...GITHUB.stranger }]) {
      const answer = await present(server, await github.token(server, claims), { client_id: id });
      expect(answer.status).toBe(claims === job ? 200 : 401);
    }
  });

  it('warns where a rule would fit strangers, and proposes none without a pin', async () => {
    const { server } = library;
    const [named, without] = [{ sub: 'repo:acme/a:x', repository: 'acme/a' }, { sub: 'repo:acme/a:x' }];
    expect((await attempt(await github.token(server, named))).proposal).toEqual({
      rule: { issuer: 'github', subject: named.sub, claims: { repository: 'acme/a' } },
      warnings: [expect.stringContaining('fix an id')],
    });
    expect((await attempt(await github.token(server, without))).proposal).toEqual({
      warnings: [
        'the issuer serves strangers, and the token has none of its pins: repository_owner_id, repository',
      ],
    });
  });

  it('warns of a public issuer that is not shared', async () => {
    const { server } = library;
    const issuer = 'https://token.actions.githubusercontent.com';
    const rest = admin(server);
    await rest.put('/TrustedIssuer/public', { issuer, jwks: { keys: [github.signer.jwk] } });
    await aFederatedClient(server, [{ issuer, subject: 'repo:**' }]);
    const { warnings, clients } = await attempt(
      await github.token(server, { iss: issuer, sub: 'repo:a/b:x' }),
    );
    expect(warnings).toEqual([expect.stringContaining('set shared and pins')]);
    expect(clients[0].rules[0].warnings).toHaveLength(2);
  });

  it('needs the rights to read issuers and clients', async () => {
    const { server } = library;
    const statuses = [];
    for (const grants of [
      ['TrustedIssuer:*:read'],
      ['Client:*:read'],
      ['TrustedIssuer:*:read', `Client:${deploy}:read`],
      ['TrustedIssuer:*:read', 'Client:*:read'],
    ]) {
      const { id, secret } = await aClient(server)
        .with({ grant_types: ['basic'] })
        .withGrant(...grants)
        .register();
      const rest = admin(server, basic(id, secret));
      for (const more of [{}, { client_id: deploy }]) {
        statuses.push((await rest.post('/TrustedIssuer/$try', { assertion: 'a.b.c', ...more })).status);
      }
    }
    expect(statuses).toEqual([403, 403, 403, 403, 403, 200, 200, 200]);
  });

  it('explains text that is no assertion, and rejects unknown members', async () => {
    const rest = admin(library.server);
    expect(await attempt('not a JWT')).toEqual({
      accepted: false,
      reasons: ['it is not a compact JWS'],
      dialects: [],
      clients: [],
      more: false,
      warnings: [],
    });
    for (const body of [
      {},
      { assertion: 5 },
      { assertion: 'a', client_id: 'a b' },
      { assertion: 'a', x: 1 },
    ]) {
      expect((await rest.post('/TrustedIssuer/$try', body)).status).toBe(422);
    }
  });
});
