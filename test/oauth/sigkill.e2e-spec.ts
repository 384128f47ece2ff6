import { describe, expect, it } from 'vitest';
import { NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import { aClient, type TestClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';

/** On the servers fewer: the tests of faults kill there as well. */
const KILLS = engine === 'sqlite' ? 20 : 8;
const LINES = 16;
const TOKENS_BEFORE_A_KILL = 60;

interface Answered {
  /** Answered with 200 by the token endpoint. */
  issued: string[];
  /** Answered with 200 by the revocation endpoint. */
  revoked: string[];
  /** Asked to be revoked; whether it was is not known. */
  doubtful: Set<string>;
}

const post = (server: TestServer, client: TestClient, path: string, token: string) =>
  form(server.url + path, { token }, client.basic);

/** Issues on many lines, and revokes every third token, until the server is gone. */
async function workUntilGone(server: TestServer, clients: TestClient[], kill: () => void): Promise<Answered> {
  const answered: Answered = { issued: [], revoked: [], doubtful: new Set() };
  let killed = false;
  const line = async (number: number) => {
    const client = clients[number % clients.length]!;
    for (let turn = 0; ; turn++) {
      const answer = await client.ask(NATIVE).catch(() => undefined);
      if (answer?.status !== 200) return;
      const token: string = answer.body.access_token;
      answered.issued.push(token);
      if (turn % 3 === 2) {
        answered.doubtful.add(token);
        const revocation = await post(server, client, '/auth/revoke', token).catch(() => undefined);
        if (revocation?.status !== 200) return;
        answered.revoked.push(token);
      }
      if (answered.issued.length >= TOKENS_BEFORE_A_KILL && !killed) {
        killed = true;
        kill();
      }
    }
  };
  await Promise.all(Array.from({ length: LINES }, (_, number) => line(number)));
  return answered;
}

/** Which of the tokens are active, by as many questions at once as there are lines. */
async function activeOf(server: TestServer, client: TestClient, tokens: string[]): Promise<Set<string>> {
  const active = new Set<string>();
  const left = [...tokens];
  const line = async () => {
    for (let token = left.pop(); token !== undefined; token = left.pop()) {
      const { body } = await post(server, client, '/auth/introspect', token);
      if (body.active === true) active.add(token);
    }
  };
  await Promise.all(Array.from({ length: LINES }, line));
  return active;
}

describe('Killed with SIGKILL under load, again and again over the same data', { timeout: 600_000 }, () => {
  it('loses no token and no revocation that was answered with 200', async () => {
    const server = await startServer();
    try {
      const reader = await aClient(server).withGrant('Session:*:introspect').register();
      const opaque = await aClient(server).register();
      const jwt = await aClient(server).withTokens({ token_format: 'jwt', signing_alg: 'ES256' }).register();
      const lost: string[] = [];
      const undone: string[] = [];
      let issued = 0;
      let revoked = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const killed: Promise<void>[] = [];
        const answered = await workUntilGone(server, [opaque, jwt], () => killed.push(server.kill()));
        await Promise.all(killed);
        await server.restart();
        const active = await activeOf(server, reader, answered.issued);
        const standing = answered.issued.filter((token) => !answered.doubtful.has(token));
        lost.push(...standing.filter((token) => !active.has(token)));
        undone.push(...answered.revoked.filter((token) => active.has(token)));
        issued += standing.length;
        revoked += answered.revoked.length;
      }
      expect([lost.length, undone.length]).toEqual([0, 0]);
      expect(issued).toBeGreaterThanOrEqual((KILLS * TOKENS_BEFORE_A_KILL) / 2);
      expect(revoked).toBeGreaterThanOrEqual(KILLS);
    } finally {
      await server.stop();
    }
  });
});
