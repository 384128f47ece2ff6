import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Settings } from '../../../config/settings.js';
import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import { sourceAt } from '../keys/key-source.js';
import { JwksFetcher } from './jwks-fetcher.js';

let place: Server;
let host: string;
let asked = 0;
let fetcher: JwksFetcher;

const RAW: Readonly<Record<string, string>> = {
  '/upgrade': 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n',
  '/flood': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100),
};

const answer = (path: string, response: ServerResponse) => {
  if (path in RAW) response.socket?.write(RAW[path] as string);
  else if (path === '/closed') response.socket?.end();
  else if (path === '/keys') response.end('{"keys":[]}');
  // Every other path is silent.
};

beforeAll(async () => {
  place = createServer((request, response) => {
    asked++;
    answer(request.url as string, response);
  });
  await new Promise<void>((listening) => place.listen(0, '127.0.0.1', listening));
  host = `127.0.0.1:${(place.address() as AddressInfo).port}`;
});

beforeEach(() => {
  asked = 0;
  fetcher = new JwksFetcher({ allowPrivateJwksUri: true } as Settings);
});

afterAll(() => {
  place.closeAllConnections();
  place.close();
});

const fetch = (path: string, doubted = false) => fetcher.fetch(sourceAt(`http://${host}${path}`), doubted);
const reason = (path: string) => fetch(path).then(String, (error: Error) => error.message);
const took = async (act: () => Promise<unknown>) => {
  const began = performance.now();
  await act();
  return performance.now() - began;
};

describe('JwksFetcher', () => {
  it.each([
    ['/upgrade', 'unsupported protocol'],
    ['/flood', 'too many interim responses'],
    ['/closed', 'ECONNRESET'],
  ])(
    'ends at once, and gives its place back, when an address answers as %s does (K14, ASVS 15.3.2)',
    async (path, why) => {
      const reasons = await Promise.all(Array.from({ length: 100 }, () => reason(path)));
      expect(new Set(reasons)).toEqual(new Set([why]));
      expect(await fetch('/keys')).toEqual({ keys: [] });
    },
  );

  it('gives up an address that does not answer, and delays no other fetch (K14, ASVS 15.3.2)', async () => {
    const silent = Array.from({ length: 100 }, (_, one) => reason(`/silent-${one}`));
    const doubted = Array.from({ length: 32 }, () => fetch('/silent', true).catch((error) => error));
    expect(await took(() => fetch('/keys'))).toBeLessThan(1500);
    expect(new Set(await Promise.all(silent))).toEqual(new Set(['timeout']));
    expect(asked).toBe(133);
    await Promise.all(doubted);
  });

  it('one host has no more than half of the places (K14, ASVS 15.3.2)', async () => {
    const silent = Array.from({ length: 128 }, (_, one) => reason(`/silent-${one}`));
    const waiting = fetch('/keys').catch((error) => error);
    const elsewhere = `http://localhost:${host.split(':')[1]}/keys`;
    expect(await took(() => fetcher.fetch(sourceAt(elsewhere), false))).toBeLessThan(1500);
    expect(asked).toBe(129);
    await Promise.all(silent);
    // Its turn and the end of its patience come together.
    expect([{ keys: [] }, new TemporarilyUnavailable()]).toContainEqual(await waiting);
    expect(await fetch('/keys')).toEqual({ keys: [] });
  });
});
