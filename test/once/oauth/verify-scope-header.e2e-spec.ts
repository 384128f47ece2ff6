import { describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { bearer, get, raw } from '../../support/http.js';
import { LIBRARY, useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();

const address = (search: string) => `${library.server.url}/auth/verify?${search}`;

describe('X-Scope of /auth/verify', () => {
  it('omits and flags an X-Scope that is longer than gateways accept (fault B9)', async () => {
    const writer = await aClient(library.server).withGrant('book:*:read').register();
    const scope = Array.from(
      { length: 400 },
      (_, index) => `book:a-much-longer-identifier-${index}:read`,
    ).join(' ');
    const token = await writer.token(NATIVE, { audience: LIBRARY, scope });
    const { status, headers } = await get(
      address('scope=book:a-much-longer-identifier-7:read'),
      bearer(token),
    );
    expect([status, headers.get('x-client-id'), headers.get('x-scope')]).toEqual([200, writer.id, null]);
    expect(headers.get('x-scope-omitted')).toBe('too-long');
  });

  it('keeps all response headers below 4 KiB at the maximum X-Scope (fault B9)', async () => {
    const writer = await aClient(library.server, 'i'.repeat(64)).withGrant('book:*:read').register();
    const items = Array.from({ length: 12 }, (_, n) => `book:${String(n).padStart(240, 'x')}:read`);
    for (const [bytes, isTold] of [
      [3072, true],
      [3073, false],
    ] as const) {
      const rest = bytes - items.join(' ').length - ' book::read'.length;
      const last = `book:${'y'.repeat(rest)}:read`;
      const scope = [...items, last].join(' ');
      const token = await writer.token(NATIVE, { audience: LIBRARY, scope });
      const head = `GET /auth/verify?scope=${last} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}`;
      const answer = await raw(library.server.port, `${head}\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer.includes(`x-scope: ${scope}\r\n`)).toBe(isTold);
      expect(Buffer.byteLength(answer)).toBeLessThan(4096);
    }
  });
});
