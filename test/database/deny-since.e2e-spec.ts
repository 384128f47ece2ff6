import { afterAll, beforeAll, expect, it } from 'vitest';
import { query } from '../support/query.js';
import { aResource, register } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await aResource(server, 'book', ['read']);
});
afterAll(() => server.stop());

it('dates a stored deny for everyone from the creation of its policy, on an upgrade (fault A11)', async () => {
  const rule = (effect: string) => ({ effect, resource: 'book', identifier: '1', operations: ['read'] });
  const link = [{ resourceType: 'Client', id: 'root' }];
  const write = (id: string, members: object) =>
    register(server, 'AccessPolicy', id, { engine: 'rules', ...members });
  await write('denies-all', { everyone: true, rules: [rule('allow'), rule('deny')] });
  await write('allows-all', { everyone: true, rules: [rule('allow')] });
  await write('denies-one', { link, rules: [rule('deny')] });
  await query(server, 'ALTER TABLE policy DROP COLUMN denies_everyone_since');
  await query(server, "DELETE FROM migration WHERE name = 'DenySince1763900630000'");
  await server.restart();
  const rows = await query(
    server,
    'SELECT id, denies_everyone_since = created_at AS dated FROM policy WHERE denies_everyone_since IS NOT NULL',
  );
  expect(rows.map(({ id, dated }) => [id, Number(dated)])).toEqual([['denies-all', 1]]);
});
