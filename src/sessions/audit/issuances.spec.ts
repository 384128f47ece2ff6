import { describe, expect, it } from 'vitest';
import type { Row, Values } from '../../database/row-reader.js';
import { Issuances } from './issuances.js';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

const aRow = (id: string, columns: Row = {}): Row => ({
  id,
  client_id: 'reader',
  type: 'client_credentials',
  door: 'native',
  token_format: 'opaque',
  audience: '["urn:library"]',
  started_at: START,
  ends_at: START + HOUR,
  scope: 'book:1:read',
  scope_length: 11,
  address: '192.0.2.1',
  user_agent: 'job/1',
  ...columns,
});

const TERMS = {
  type: 'client_credentials',
  door: 'native',
  token_format: 'opaque',
  scope: 'book:1:read',
  audience: ['urn:library'],
  address: '192.0.2.1',
  user_agent: 'job/1',
};

const reported = (id: string) => ({ id, start: '2026-01-01T00:00:00.000Z', end: '2026-01-01T01:00:00.000Z' });

/** As a database returns `ISSUED_COLUMNS`. */
function valuesOf({ id, client_id, started_at, ends_at, federated = null, ...terms }: Row): Values {
  const { type, door, token_format, audience, scope, scope_length, address, user_agent } = terms;
  const nullable = [scope, address, user_agent].map((value) => value ?? '\t');
  const text = [type, door, token_format, audience, scope_length ?? 0, ...nullable].join('\n');
  return [id, client_id, started_at, ends_at, federated, text];
}

const added = (...rows: Row[]) => new Issuances().add(rows.map(valuesOf));

const entriesOf = (...rows: Row[]) => added(...rows).entries(false);

describe('Issuances', () => {
  it('report one session by its id, with its grant', () => {
    expect(entriesOf(aRow('a'))).toEqual([
      {
        action: 'token.issue',
        outcome: 'success',
        date: START,
        clientId: 'reader',
        agent: { clientId: 'reader', address: '192.0.2.1' },
        target: { resourceType: 'Session', id: 'a' },
        detail: { count: 1, grants: [{ ...TERMS, sessions: [reported('a')] }] },
      },
    ]);
  });

  it('report the sessions of a client in one event and each grant once, from whichever page they come', () => {
    const issuances = added(aRow('a'), aRow('b', { client_id: 'writer' }));
    issuances.add([aRow('c'), aRow('d', { scope: null, started_at: START + 1 })].map(valuesOf));
    const { scope: _scope, ...withoutScope } = TERMS;
    const start = '2026-01-01T00:00:00.001Z';
    expect(
      issuances.entries(false).map(({ clientId, date, detail }) => ({ clientId, date, detail })),
    ).toEqual([
      {
        clientId: 'reader',
        date: START + 1,
        detail: {
          count: 3,
          grants: [
            { ...TERMS, sessions: [reported('a'), reported('c')] },
            { ...withoutScope, sessions: [{ ...reported('d'), start }] },
          ],
        },
      },
      {
        clientId: 'writer',
        date: START,
        detail: { count: 1, grants: [{ ...TERMS, sessions: [reported('b')] }] },
      },
    ]);
    expect(issuances).toMatchObject({ count: 4, clients: 2, last: 'd' });
  });

  it.each([
    { type: 'refresh_token' },
    { door: 'auth0' },
    { token_format: 'jwt' },
    { audience: '["urn:atlas"]' },
    { scope: 'book:2:read' },
    { scope: null },
    { scope_length: 5000 },
    { address: '192.0.2.2' },
    { address: null, user_agent: null },
    { user_agent: 'job/2' },
  ])('report grants separately that differ by %j', (columns) => {
    const [entry] = entriesOf(aRow('a'), aRow('b', columns));
    expect(entry?.detail).toMatchObject({ count: 2, grants: [{ sessions: [reported('a')] }, {}] });
  });

  it('name an address as that of the event only where all requests came from it', () => {
    const other = { address: '192.0.2.2' };
    expect(entriesOf(aRow('a'), aRow('b', other))[0]?.agent).toEqual({ clientId: 'reader' });
    expect(entriesOf(aRow('a', other), aRow('b', other))[0]?.agent).toEqual({ clientId: 'reader', ...other });
    const unknown = { address: null, user_agent: null };
    expect(entriesOf(aRow('a', unknown))[0]).toMatchObject({ agent: { clientId: 'reader' } });
    const { address: _, user_agent: __, ...terms } = TERMS;
    expect(entriesOf(aRow('a', unknown))[0]?.detail).toEqual({
      count: 1,
      grants: [{ ...terms, sessions: [reported('a')] }],
    });
  });

  it('report the length of a scope that is truncated', () => {
    const [entry] = entriesOf(aRow('a', { scope_length: 5000 }));
    expect(entry?.detail).toMatchObject({ grants: [{ scope: 'book:1:read', scope_length: 5000 }] });
  });

  it('report at most two hundred sessions in one event', () => {
    const rows = Array.from({ length: 450 }, (_, at) => aRow(`s${at}`));
    expect(entriesOf(...rows).map(({ detail }) => detail?.count)).toEqual([200, 200, 50]);
  });

  it('mark late sessions', () => {
    const [entry] = added(aRow('a')).entries(true);
    expect(entry?.detail).toMatchObject({ count: 1, late: true });
  });
});
