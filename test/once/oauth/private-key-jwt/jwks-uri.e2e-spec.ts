import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import { aSigningClient, INVALID_CLIENT, Signer, type SigningClient } from '../../../support/assertions.js';
import { AUTH0, AUTHING, DIALECTS, NATIVE } from '../../../support/dialects.js';
import { KeyServer } from '../../../support/key-server.js';
import { useLibrary } from '../../../support/library.js';

const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow' } });
const UPGRADE = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n';
const started: KeyServer[] = [];
let place: KeyServer;
let signer: Signer;

const aPlace = async () => {
  const server = await KeyServer.start();
  started.push(server);
  return server;
};

/** A client that publishes its keys at a place of its own. */
const publishing = (members: Record<string, unknown> = {}): Promise<SigningClient> =>
  aSigningClient(library.server, { signer, jwks_uri: place.uri(), ...members });

beforeAll(async () => {
  signer = await Signer.make();
});

beforeEach(async () => {
  place = await aPlace();
  place.publish(signer.jwk);
});

afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
});

describe('A client with jwks_uri', () => {
  it.each(DIALECTS)(
    'verifies assertions with the published keys in the $name dialect (K14, RFC 7591 2)',
    async (dialect) => {
      const client = await publishing();
      expect(place.requests).toBe(0);
      expect((await client.ask(dialect)).status).toBe(200);
      expect((await client.ask(dialect)).status).toBe(200);
      const foreign = await (await Signer.make()).sign(client.claims(dialect), { kid: signer.jwk.kid });
      expect((await client.present(dialect, foreign)).body).toEqual(INVALID_CLIENT);
      expect(place.requests).toBe(1);
    },
  );

  it('shares one fetch among requests that come together', async () => {
    const client = await publishing();
    place.answer(async (response) => {
      await sleep(200);
      response.end(JSON.stringify({ keys: [signer.jwk] }));
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.ask(NATIVE)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(place.requests).toBe(1);
  });

  it('refetches the set for an unknown kid, so that keys rotate, but not for every one', async () => {
    const client = await publishing();
    expect((await client.ask(NATIVE)).status).toBe(200);
    const next = await Signer.make();
    place.publish(signer.jwk, next.jwk);
    expect((await client.present(NATIVE, await next.sign(client.claims(NATIVE)))).status).toBe(200);
    expect(place.requests).toBe(2);
    const junk = Array.from({ length: 20 }, (_, index) => client.ask(NATIVE, {}, { kid: `junk-${index}` }));
    for (const { body } of await Promise.all(junk)) expect(body).toEqual(INVALID_CLIENT);
    expect(place.requests).toBe(2);
    expect((await client.ask(AUTH0)).status).toBe(200);
  });

  it('applies a new jwks_uri, and jwks in place of it, at once', async () => {
    const client = await publishing();
    expect((await client.ask(NATIVE)).status).toBe(200);
    const [next, elsewhere] = [await Signer.make(), await aPlace()];
    elsewhere.publish(next.jwk);
    const root = admin(library.server);
    await root.patch(`/Client/${client.id}`, { jwks_uri: elsewhere.uri() });
    expect((await client.ask(NATIVE)).body).toEqual(INVALID_CLIENT);
    expect((await client.present(NATIVE, await next.sign(client.claims(NATIVE)))).status).toBe(200);
    await root.patch(`/Client/${client.id}`, { jwks_uri: null, jwks: { keys: [signer.jwk] } });
    expect((await client.ask(NATIVE)).status).toBe(200);
    expect((await client.present(NATIVE, await next.sign(client.claims(NATIVE)))).body).toEqual(
      INVALID_CLIENT,
    );
  });

  it('ignores unsupported keys and never accepts a weak or a symmetric one (C25, RFC 8725 3.1, RFC 7517 5)', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const weak = { ...small.publicKey.export({ format: 'jwk' }), kid: 'weak' };
    const oct = { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url'), kid: 'oct' };
    place.publish(weak, oct, { kty: 'EC', crv: 'secp256k1', x: 'AA', y: 'AA' }, signer.jwk);
    const client = await publishing();
    expect((await client.ask(NATIVE)).status).toBe(200);
    const signedBy = (alg: string, kid: string, make: (input: Buffer) => Buffer) => {
      const [head, body] = [{ alg, kid }, client.claims(NATIVE)].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      );
      const input = `${head}.${body}`;
      return `${input}.${make(Buffer.from(input)).toString('base64url')}`;
    };
    for (const jwt of [
      signedBy('RS256', 'weak', (input) => sign('sha256', input, small.privateKey)),
      signedBy('HS256', 'oct', (input) => createHmac('sha256', Buffer.alloc(32, 1)).update(input).digest()),
    ]) {
      expect((await client.present(NATIVE, jwt)).body).toEqual(INVALID_CLIENT);
    }
  });

  it('rejects every problem with the keys by the same response, without delay (C10, RFC 6749 5.2)', async () => {
    const wrong: [string, Parameters<KeyServer['answer']>[0]][] = [
      ['an error', (response) => response.writeHead(500).end(JSON.stringify({ keys: [signer.jwk] }))],
      ['a redirect', (response) => response.writeHead(302, { location: place.uri('127.0.0.1', '/b') }).end()],
      ['no JSON', (response) => response.end('<html>')],
      ['no JWK Set', (response) => response.end(JSON.stringify([signer.jwk]))],
      ['no keys', (response) => response.end(JSON.stringify({ keys: [] }))],
      ['too much', (response) => response.end(JSON.stringify({ keys: [signer.jwk], x: 'x'.repeat(70_000) }))],
      ['a cut answer', (response) => response.write('{"keys":[') && response.destroy()],
      ['an upgrade', (response) => response.socket?.write(UPGRADE)],
    ];
    for (const [what, respond] of wrong) {
      place = await aPlace();
      const client = await publishing();
      place.answer(respond);
      const answer = await client.ask(NATIVE);
      expect(answer.status, what).toBe(401);
      expect(answer.body, what).toEqual(INVALID_CLIENT);
      expect(place.paths, what).not.toContain('/b');
      expect(place.requests, what).toBeLessThanOrEqual(2);
    }
    await place.stop();
    place = await aPlace();
    const unreachable = await publishing();
    await place.stop();
    expect((await unreachable.ask(NATIVE)).body).toEqual(INVALID_CLIENT);
  });

  it('waits at most a few seconds, also for a trickling response (K14, RFC 8725 3.10)', async () => {
    const silent = await publishing();
    place.answer(() => undefined);
    const hanging = silent.ask(NATIVE);
    place = await aPlace();
    const trickling = await publishing();
    place.answer((response) => {
      const timer = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(timer));
    });
    const began = performance.now();
    for (const answer of await Promise.all([hanging, trickling.ask(AUTHING)])) {
      expect(answer.body).toEqual(INVALID_CLIENT);
    }
    expect(performance.now() - began).toBeLessThan(6000);
  });

  it('fetches a failing URL at most once a second, and recovers', async () => {
    const client = await publishing();
    place.answer((response) => response.writeHead(503).end());
    const began = performance.now();
    for (let again = 0; again < 10; again++) {
      expect((await client.ask(NATIVE)).body).toEqual(INVALID_CLIENT);
    }
    expect(place.requests).toBeLessThanOrEqual(1 + Math.floor((performance.now() - began) / 1000));
    place.publish(signer.jwk);
    await sleep(1100);
    expect((await client.ask(NATIVE)).status).toBe(200);
    place.answer((response) => response.writeHead(503).end());
    expect((await client.ask(NATIVE)).status).toBe(200);
  });

  it('fetches only the registered URL, never one in a header (C26, RFC 8725 3.10)', async () => {
    const client = await publishing();
    const lure = await aPlace();
    const foreign = await Signer.make();
    lure.publish(foreign.jwk);
    for (const header of [{ jku: lure.uri() }, { x5u: lure.uri() }, { jku: lure.uri(), kid: undefined }]) {
      const jwt = await foreign.sign(client.claims(NATIVE), header);
      expect((await client.present(NATIVE, jwt)).body).toEqual(INVALID_CLIENT);
    }
    expect(lure.connections).toBe(0);
  });

  it('fetches only for an active client with a complete assertion', async () => {
    const disabled = await publishing({ active: false });
    expect((await disabled.ask(NATIVE)).status).toBe(401);
    const client = await publishing();
    expect((await client.ask(NATIVE, { aud: 'x' })).status).toBe(401);
    expect((await client.ask(NATIVE, { exp: 1 })).status).toBe(401);
    expect(place.connections).toBe(0);
  });
});
