import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, get } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, regrant } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

describe('10,000 random questions', () => {
  const ROUNDS = 10;
  const QUESTIONS = 1000;
  const resources = fc.constantFrom('book', 'page', 'map', 'diary', 'film', 'Client', '*');
  const identifiers = fc.constantFrom('1', '2', '3', '4', '5', '*');
  const operations = fc.constantFrom('read', 'write', 'turn', 'zoom', 'burn', '*');
  const rules = fc.array(
    fc
      .tuple(
        fc.constantFrom('', '', '!'),
        fc.constantFrom(
          'book read',
          'book *',
          'page read',
          'page turn',
          'map zoom',
          'map *',
          'diary write',
          '* read',
        ),
        identifiers,
      )
      .map(([effect, named, identifier]) => `${effect}${named.replace(' ', `:${identifier}:`)}`),
    { minLength: 1, maxLength: 6 },
  );
  const questions = fc.array(fc.tuple(resources, identifiers, operations), {
    minLength: QUESTIONS,
    maxLength: QUESTIONS,
  });

  it('get the answers of the token endpoint, of /auth/verify and of $explain', async () => {
    const client = await aClient(library.server, 'random').register();
    const { seed } = fc.readConfigureGlobal();
    const worlds = fc.sample(fc.tuple(rules, questions), {
      numRuns: ROUNDS,
      ...(seed === undefined ? {} : { seed }),
    });
    let answered = 0;
    for (const [policy, asked] of worlds) {
      await regrant(library.server, client, ...policy);
      const evaluations = asked.map(([type, id, name]) => ({ resource: { type, id }, action: { name } }));
      const { body } = await root.post('/access/v1/evaluations', {
        subject: { type: 'client', id: client.id },
        evaluations,
      });
      const items = asked.map((parts) => parts.join(':'));
      const explained = await root.post('/AccessPolicy/$explain', {
        client: client.id,
        scope: items.join(' '),
      });
      const reported = body.evaluations.map((one: any, at: number) => [
        items[at],
        one.decision,
        one.context.reason,
      ]);
      const reasons = new Map(
        explained.body.items.map(({ scope, granted, reason }: any) => [scope, [scope, granted, reason]]),
      );
      expect(reported).toEqual(items.map((item) => reasons.get(item)));
      const granted = new Set<string>(
        reported.filter(([, decision]: any) => decision).map(([item]: any) => item),
      );
      const token = await client.ask(NATIVE, { scope: items.join(' ') });
      expect(new Set((token.body.scope ?? '').split(' ').filter(Boolean))).toEqual(granted);
      if (token.status === 200) {
        for (const item of new Set(items.slice(0, 40))) {
          if (item.startsWith('*')) continue;
          const verified = await get(
            `${library.server.url}/auth/verify?scope=${item}`,
            bearer(token.body.access_token),
          );
          expect([item, verified.status]).toEqual([item, granted.has(item) ? 200 : 403]);
        }
      }
      answered += reported.length;
    }
    expect(answered).toBe(ROUNDS * QUESTIONS);
  });
});
