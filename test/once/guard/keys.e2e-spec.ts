import { setTimeout as sleep } from 'node:timers/promises';
import { decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { createGuard } from '../../../packages/guard/src/guard.js';
import { admin } from '../../support/admin.js';
import { AUTH0, NATIVE } from '../../support/dialects.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';
import { judge } from './judge.js';

const library = useLibrary();

const guardOf = () => createGuard({ issuer: library.own, audience: LIBRARY });

const jwtSignedWith = async (signing_alg: string) => {
  const tokens = { token_format: 'jwt', signing_alg };
  const client = await aClient(library.server).withGrant('book:*:*').withTokens(tokens).register();
  return client.token(AUTH0, READ_BOOK_1);
};

/** A guard looks for an unknown key once a second at most. */
const untilItLooksAgain = () => sleep(1_100);

describe('A key that is younger than the guard', () => {
  it('is found by itself when it is the first of its algorithm', async () => {
    const guard = guardOf();
    expect(await judge(guard, await jwtSignedWith('RS256'), 'book:1:read')).toBe('200');
    await untilItLooksAgain();
    expect(await judge(guard, await jwtSignedWith('ES256'), 'book:1:read')).toBe('200');
  });

  it('is found by itself when it takes the place of another, whose tokens live on', async () => {
    const guard = guardOf();
    const before = await jwtSignedWith('RS256');
    expect(await judge(guard, before)).toBe('200');
    await untilItLooksAgain();
    const { status } = await admin(library.server).post('/SigningKey/$rotate', { immediately: true });
    expect(status).toBe(200);
    const after = await jwtSignedWith('RS256');
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    expect(await judge(guard, after)).toBe('200');
    expect(await judge(guard, before)).toBe('200');
  });
});

describe('A server that is down', () => {
  it('stops opaque tokens and guards without keys; a guard that has them carries on', async () => {
    const { server } = library;
    const client = await aClient(server).withGrant('book:*:*').register();
    const api = { clientId: client.id, clientSecret: client.secret };
    const opaque = await client.token(NATIVE, READ_BOOK_1);
    const jwt = await client.token(AUTH0, READ_BOOK_1);
    const warm = createGuard({ issuer: library.own, audience: LIBRARY, introspection: api });
    expect(await judge(warm, jwt)).toBe('200');
    expect(await judge(warm, opaque)).toBe('200');
    await server.kill();
    expect(await judge(warm, jwt)).toBe('200');
    expect(await judge(warm, opaque)).toBe('503 temporarily_unavailable');
    expect(await judge(guardOf(), jwt)).toBe('503 temporarily_unavailable');
    await server.start();
    expect(await judge(warm, opaque)).toBe('200');
  });
});
