import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { bearer, form, request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();

const refreshing = (tokens: object = {}) =>
  aClient(library.server)
    .withTokens({ refresh_token: true, ...tokens })
    .register();

const refresh = (one: TestClient, refresh_token: string) =>
  one.post(NATIVE, { grant_type: 'refresh_token', refresh_token });

const invalidGrant = {
  error: 'invalid_grant',
  error_description:
    'the refresh token is unknown, expired, used or closed, or was not issued to this client',
};

/** Tokens for the server's own audience, so that an access token can be tried at GET /Session. */
const open = async (one: TestClient) => (await one.ask(NATIVE)).body;

const works = async (accessToken: string) =>
  (await request(`${library.server.url}/Session`, { headers: bearer(accessToken) })).status;

describe('A used refresh token of a client with a grace', () => {
  it('can be retried within the grace period of its client, and no longer (F06, F10, FAPI 2.0 5.3.2.1)', async () => {
    const patient = await refreshing({ refresh_token_reuse_grace: 2 });
    const first = await open(patient);
    const second = (await refresh(patient, first.refresh_token)).body;
    const retried = await refresh(patient, first.refresh_token);
    expect(retried.status).toBe(200);
    expect(retried.body.refresh_token).not.toBe(second.refresh_token);
    expect(await works(second.access_token)).toBe(200);
    await sleep(2200);
    expect((await refresh(patient, first.refresh_token)).body).toEqual(invalidGrant);
    expect(await works(retried.body.access_token)).toBe(401);
    expect((await refresh(patient, second.refresh_token)).body).toEqual(invalidGrant);
  });

  it('invalidates sibling tokens once one is used, and the family with the next (fault A7)', async () => {
    const patient = await refreshing({ refresh_token_reuse_grace: 60 });
    const first = await open(patient);
    const [mine, theirs] = [
      (await refresh(patient, first.refresh_token)).body,
      (await refresh(patient, first.refresh_token)).body,
    ];
    const next = (await refresh(patient, mine.refresh_token)).body;
    const reported = async (token: string) =>
      (await form(`${library.server.url}/auth/introspect`, { token }, patient.basic)).body;
    expect(await reported(theirs.refresh_token)).toEqual({ active: false });
    expect(await reported(next.refresh_token)).toMatchObject({ active: true });
    const retried = await refresh(patient, mine.refresh_token);
    expect(retried.status).toBe(200);
    expect((await refresh(patient, theirs.refresh_token)).body).toEqual(invalidGrant);
    for (const { access_token, refresh_token } of [next, retried.body]) {
      expect(await works(access_token)).toBe(401);
      expect((await refresh(patient, refresh_token)).body).toEqual(invalidGrant);
    }
  });

  it('lets a client continue with a retry after its first response was lost (fault A7)', async () => {
    const patient = await refreshing({ refresh_token_reuse_grace: 60 });
    const first = await open(patient);
    await refresh(patient, first.refresh_token);
    let last = (await refresh(patient, first.refresh_token)).body;
    for (let n = 0; n < 3; n++) {
      const answer = await refresh(patient, last.refresh_token);
      expect(answer.status).toBe(200);
      last = answer.body;
    }
    expect(await works(last.access_token)).toBe(200);
  });

  it('closes the family when it is reused after its successor, despite the grace period (F10, RFC 9700 4.14)', async () => {
    const patient = await refreshing({ refresh_token_reuse_grace: 60 });
    const first = await open(patient);
    const second = (await refresh(patient, first.refresh_token)).body;
    const third = (await refresh(patient, second.refresh_token)).body;
    expect((await refresh(patient, second.refresh_token)).status).toBe(200);
    expect((await refresh(patient, first.refresh_token)).body).toEqual(invalidGrant);
    expect(await works(third.access_token)).toBe(401);
    expect((await refresh(patient, third.refresh_token)).body).toEqual(invalidGrant);
  });
});
