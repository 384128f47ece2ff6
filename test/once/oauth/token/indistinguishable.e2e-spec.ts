import { beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS } from '../../../support/dialects.js';
import { type Answer, form } from '../../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { CHOSEN, type RefusedClients, refusedClients } from '../../../support/refused-clients.js';

const library = useLibrary();
const whole = { grant_type: 'client_credentials', ...READ_BOOK_1 };
let clients: RefusedClients;

beforeAll(async () => {
  clients = await refusedClients(library.server);
});

const shown = ({ status, headers, text }: Answer) => ({
  status,
  text,
  headers: Object.fromEntries([...headers].filter(([name]) => name !== 'date')),
});

describe.each(DIALECTS)('A refused client in the $name dialect', (dialect) => {
  it.each([
    ['a chosen secret', () => CHOSEN],
    ['a made secret', () => clients.made],
    ['a short secret', () => 'x'],
    ['a very long secret', () => 'x'.repeat(5000)],
  ])('is the same whatever the cause, with %s (C10, RFC 6749 5.2)', async (_what, secretOf) => {
    const url = library.server.url + dialect.token;
    const expected = shown(await form(url, whole));
    expect(expected.status).toBe(401);
    for (const [cause, headersOf] of clients.causes) {
      expect(shown(await form(url, whole, headersOf(secretOf()))), cause).toEqual(expected);
    }
  });
});
