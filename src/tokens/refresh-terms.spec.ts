import { describe, expect, it } from 'vitest';
import type { Client } from '../clients/client.js';
import type { Session } from '../sessions/session.js';
import { refreshTerms } from './refresh-terms.js';

const DAY = 24 * 3600 * 1000;
const START = Date.UTC(2026, 0, 1);

const clientWith = (refreshTokenExpirationSeconds?: number) =>
  ({ clientCredentials: { refreshTokenExpirationSeconds } }) as unknown as Client;
const sessionAt = (startedAt: number) => ({ id: 'session', startedAt, endsAt: startedAt + 3600_000 });
const first = { id: 'first', startedAt: START } as unknown as Session;
const endAt = (startedAt: number, seconds?: number) =>
  refreshTerms(sessionAt(startedAt), clientWith(seconds), 'a refresh token', first).refreshEndsAt;

describe('A refresh token', () => {
  it('ends 30 days after its last use unless its client says otherwise (F12, OAuth 2.1 4.3.3)', () => {
    expect(endAt(START + DAY)).toBe(START + 31 * DAY);
    expect(endAt(START + DAY, 60)).toBe(START + DAY + 60_000);
  });

  it('ends 90 days after the first of its family, however often it is used (F11, ASVS 10.4.8)', () => {
    for (const days of [61, 75, 89.9]) expect(endAt(START + days * DAY)).toBe(START + 90 * DAY);
    expect(endAt(START + 89 * DAY, 30 * 24 * 3600)).toBe(START + 90 * DAY);
    expect(endAt(START + 89 * DAY, 3600)).toBe(START + 89 * DAY + 3600_000);
  });

  it('lets the first of a family end with whichever of its tokens lives longer', () => {
    const terms = refreshTerms(sessionAt(START), clientWith(60), 'a refresh token', undefined);
    expect(terms).toMatchObject({ familyId: 'session', familyEndsAt: START + 3600_000 });
  });
});
