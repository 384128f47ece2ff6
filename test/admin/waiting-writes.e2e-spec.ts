import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import type { Answer } from '../support/http.js';
import { LIBRARY, useLibrary } from '../support/library.js';
import { aClient, register } from '../support/registration.js';
import { openRows, type Rows } from '../support/rows.js';
import { aCaller, allow, type Caller, linkTo, withToken } from './callers.js';

const library = useLibrary();
let root: Admin;
let made = 0;

const RIGHTS = ['Client', 'Resource', 'AccessPolicy', 'Session', 'SigningKey'].map((type) => `${type}:*:*`);

beforeAll(() => {
  root = admin(library.server);
});

/** Long enough for a request to be judged a first time; what is judged later than this must be refused all the same. */
const UNTIL_JUDGED_MS = 500;

/** Requests that are under way while another process holds the configuration, and changes it before they get their turn. */
async function whileWaiting(requests: () => Promise<Answer>[], change: (rows: Rows) => Promise<void>) {
  const rows = await openRows(library.server);
  try {
    await rows.all(library.server.databaseUrl ? 'START TRANSACTION' : 'BEGIN IMMEDIATE');
    await rows.all('UPDATE configuration_revision SET policies = policies + 1 WHERE id = 1');
    const answers = Promise.all(requests());
    await sleep(UNTIL_JUDGED_MS);
    await change(rows);
    await rows.all('COMMIT');
    return await answers;
  } finally {
    await rows.close();
  }
}

/** Every kind of write, and what must be left as it is. */
async function writesOf(rest: Admin) {
  const id = `victim-${++made}`;
  await aClient(library.server, id).with({ name: 'before' }).register();
  await register(library.server, 'Resource', id, { audience: `urn:${id}`, name: 'before' });
  const rules = { engine: 'rules', link: linkTo(id), rules: [allow('AccessPolicy', '1', 'read')] };
  await register(library.server, 'AccessPolicy', id, rules);
  const requests = (): Promise<Answer>[] => [
    rest.patch(`/Client/${id}`, { name: 'after', secret: 'a-secret-that-is-hashed' }),
    rest.put(`/Client/${id}`, { name: 'after' }),
    rest.put(`/Client/${id}-new`, { name: 'after' }),
    rest.post('/Client', { id: `${id}-newer` }),
    rest.post(`/Client/${id}/$rotate-secret`),
    rest.patch(`/Resource/${id}`, { name: 'after' }),
    rest.delete(`/Resource/${id}`),
    rest.patch(`/AccessPolicy/${id}`, { rules: [allow('AccessPolicy', '2', 'read')] }),
    rest.delete(`/AccessPolicy/${id}`),
    rest.delete(`/Session?client=${id}`),
    rest.post('/SigningKey/$rotate', { immediately: true }),
    rest.delete(`/Client/${id}`),
  ];
  return { id, requests };
}

async function expectUntouched(id: string): Promise<void> {
  for (const type of ['Client', 'Resource', 'AccessPolicy']) {
    const { status, body } = await root.get(`/${type}/${id}`);
    expect([type, status, body.meta?.versionId]).toEqual([type, 200, '1']);
  }
  for (const created of [`${id}-new`, `${id}-newer`]) {
    expect((await root.get(`/Client/${created}`)).status).toBe(404);
  }
}

const REVOKE = 'DELETE FROM policy_client WHERE client_id = ?';

describe('Permission changes while a write waits', () => {
  let caller: Caller;

  it('rejects a waiting write of any type when its author loses the permission (fault A5)', async () => {
    caller = await aCaller(library.server, ...RIGHTS);
    const { id, requests } = await writesOf(caller.rest);
    const answers = await whileWaiting(requests, async (rows) => {
      await rows.all(REVOKE, [caller.id]);
    });
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    await expectUntouched(id);
  });

  it('rejects a waiting write when the session of its token is closed (fault A5)', async () => {
    caller = await aCaller(library.server, ...RIGHTS);
    const rest = withToken(library.server, await caller.client.token(NATIVE));
    const { id, requests } = await writesOf(rest);
    const answers = await whileWaiting(requests, async (rows) => {
      await rows.all('UPDATE session SET closed_at = started_at WHERE client_id = ?', [caller.id]);
    });
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
    await expectUntouched(id);
  });

  it('rejects a waiting write when its client may no longer have the audience of this server (faults A5, A8)', async () => {
    caller = await aCaller(library.server, ...RIGHTS);
    const rest = withToken(library.server, await caller.client.token(NATIVE));
    const { id, requests } = await writesOf(rest);
    const answers = await whileWaiting(requests, async (rows) => {
      const listing = JSON.stringify({ audience: [LIBRARY] });
      await rows.all('UPDATE client SET client_credentials = ? WHERE id = ?', [listing, caller.id]);
    });
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
    await expectUntouched(id);
  });

  it('rejects a waiting write when its client is disabled (fault A5)', async () => {
    caller = await aCaller(library.server, ...RIGHTS);
    const { id, requests } = await writesOf(caller.rest);
    const answers = await whileWaiting(requests, async (rows) => {
      await rows.all('UPDATE client SET active = FALSE WHERE id = ?', [caller.id]);
    });
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
    await expectUntouched(id);
  });

  it('rejects a waiting write when its author loses what it grants (fault A5)', async () => {
    caller = await aCaller(library.server, 'AccessPolicy:*:*');
    await register(library.server, 'AccessPolicy', 'second', {
      engine: 'rules',
      link: linkTo(caller.id),
      rules: [allow('diary', '*', '*')],
    });
    const given = { engine: 'rules', link: linkTo(caller.id), rules: [allow('diary', '1', 'read')] };
    const [answer] = await whileWaiting(
      () => [caller.rest.put('/AccessPolicy/given', given)],
      async (rows) => {
        await rows.all("DELETE FROM policy_client WHERE policy_id = 'second'");
      },
    );
    expect(answer?.status, answer?.text).toBe(403);
  });

  it('rejects the id of a client whose tokens were issued while the write waited (fault A5)', async () => {
    const other = await aClient(library.server).withTokens({ token_format: 'jwt' }).register();
    await other.token(NATIVE);
    const answers = await whileWaiting(
      () => [
        root.post('/Client', { id: 'reused' }),
        root.put('/Client/reused', { secret: 'a-secret-of-mine' }),
      ],
      async (rows) => {
        await rows.all("UPDATE session SET client_id = 'reused' WHERE client_id = ?", [other.id]);
      },
    );
    expect(answers.map(({ status }) => status)).toEqual([409, 409]);
  });
});
