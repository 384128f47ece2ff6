import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { insertLinkedClients } from '../../admin/bulk.js';
import { allow, deny } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { ATLAS, LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, register } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

beforeAll(async () => {
  root = admin(library.server);
  const { server } = library;
  await aClient(server, 'everything').withEverything().register();
  await aClient(server, 'reader').withGrant('book:*:read').register();
  await aClient(server, 'one').withGrant('book:1:read').register();
  await aClient(server, 'denied').withGrant('book:*:*', '!book:1:read').register();
  await aClient(server, 'disabled').with({ active: false }).withGrant('book:*:*').register();
  await aClient(server, 'elsewhere')
    .withTokens({ audience: [ATLAS] })
    .withGrant('book:*:*')
    .register();
  await aClient(server, 'nothing').register();
});

const whoCan = async (question: Record<string, unknown>, path = '$who-can'): Promise<string[]> => {
  const answer = await root.post(`/AccessPolicy/${path}`, question);
  expect(answer.status, answer.text).toBe(200);
  expect(Object.keys(answer.body)).toEqual(['clients']);
  for (const client of answer.body.clients) expect(client).toEqual({ resourceType: 'Client', id: client.id });
  return answer.body.clients.map(({ id }: { id: string }) => id).sort();
};

describe('POST /AccessPolicy/$who-can', () => {
  it('lists the active clients that would be granted the whole scope', async () => {
    expect(await whoCan({ scope: 'book:1:read' })).toEqual(['everything', 'one', 'reader', 'root']);
    expect(await whoCan({ scope: 'book:2:read' })).toEqual(['denied', 'everything', 'reader', 'root']);
    expect(await whoCan({ scope: 'book:1:read book:2:read' })).toEqual(['everything', 'reader', 'root']);
    expect(await whoCan({ scope: 'book:*:read' })).toEqual(['everything', 'reader', 'root']);
  });

  it('honours the audience list of each client as a token request does, and $explain says the same (fault E6)', async () => {
    const { server } = library;
    const explained = async (client: string, question: object) => {
      const { body } = await root.post('/AccessPolicy/$explain', {
        client,
        scope: 'book:1:read',
        ...question,
      });
      return body.items.map(({ granted, reason }: { granted: boolean; reason: string }) => [granted, reason]);
    };
    await aClient(server, 'listing')
      .withTokens({ audience: [LIBRARY] })
      .withGrant('book:*:read')
      .register();
    expect(await whoCan({ scope: 'book:1:read' })).toContain('listing');
    expect(await whoCan({ scope: 'book:1:read', audience: LIBRARY })).toContain('listing');
    expect(await whoCan({ scope: 'book:1:read' })).not.toContain('elsewhere');
    for (const question of [{}, { audience: LIBRARY }, { audience: [ATLAS, LIBRARY] }]) {
      expect(await explained('elsewhere', question)).toEqual([[false, 'wrong_audience']]);
      const isListed = !('audience' in question) || question.audience === LIBRARY;
      expect(await explained('listing', question)).toEqual([
        isListed ? [true, 'granted'] : [false, 'wrong_audience'],
      ]);
    }
    await root.delete('/Client/listing');
  });

  it('omits clients that may not request the audience', async () => {
    const asked = { scope: 'book:1:read', audience: LIBRARY };
    expect(await whoCan(asked)).toEqual(['everything', 'one', 'reader', 'root']);
    expect(await whoCan({ scope: 'write', audience: [LIBRARY] })).toEqual(['denied', 'everything', 'root']);
  });

  it('does not derive administration from the engine allow', async () => {
    expect(await whoCan({ scope: 'Client:x:update' })).toEqual(['root']);
    expect(await whoCan({ scope: '*' })).toEqual(['everything', 'root']);
  });

  it('applies policies and denies for everyone', async () => {
    await register(library.server, 'AccessPolicy', 'open', {
      engine: 'rules',
      everyone: true,
      rules: [allow('diary', 'open', 'read'), deny('book', '7', 'read')],
    });
    const all = ['denied', 'everything', 'nothing', 'one', 'reader', 'root'];
    expect(await whoCan({ scope: 'diary:open:read' })).toEqual(all);
    expect(await whoCan({ scope: 'book:7:read' })).toEqual([]);
    await root.delete('/AccessPolicy/open');
    expect(await whoCan({ scope: 'diary:open:read' })).toEqual(['everything', 'root']);
  });

  it.each([
    ['nothing:1:read', ['nothing:1:read does not name a registered resource (unknown_resource)']],
    ['book:1:raed', ['book:1:raed does not name an operation of its resource (unknown_operation)']],
    ['*:1:fly', ['*:1:fly does not name an operation of its resource (unknown_operation)']],
    ['a:b:c:d', ['a:b:c:d is not resource:identifier:operation (malformed)']],
    ['book:1:read nothing', ['nothing does not name a registered resource (unknown_resource)']],
    [
      'b*:1:read diray',
      [
        'b*:1:read is not resource:identifier:operation (malformed)',
        'diray does not name a registered resource (unknown_resource)',
      ],
    ],
  ])(
    'rejects an item that no policy could grant, with the reason: %s (fault E6)',
    async (scope, messages) => {
      const answer = await root.post('/AccessPolicy/$who-can', { scope });
      expect(answer.status, answer.text).toBe(422);
      expect(answer.body.errors).toEqual(messages.map((message) => ({ path: 'scope', message })));
    },
  );

  it('rejects an item whose resource has another audience, as $explain does (fault E6)', async () => {
    const question = { scope: 'diary:1:read', audience: LIBRARY };
    const answer = await root.post('/AccessPolicy/$who-can', question);
    expectProblem(answer, 422, ['scope']);
    const explained = await root.post('/AccessPolicy/$explain', { client: 'one', ...question });
    expect(answer.body.errors[0].message).toContain(`(${explained.body.items[0].reason})`);
  });

  it.each([
    ['urn:libary', 'audience', `is not the audience of a registered resource; did you mean ${LIBRARY}?`],
    ['urn:nothing-like-it', 'audience', 'is not the audience of a registered resource'],
    [
      [LIBRARY, 'URN:atlas'],
      'audience[1]',
      `is not the audience of a registered resource; did you mean ${ATLAS}?`,
    ],
  ])(
    'rejects an audience that no resource registers, as $explain does: %j (fault E6)',
    async (audience, path, message) => {
      const question = { scope: 'book:1:read', audience };
      for (const answer of [
        await root.post('/AccessPolicy/$who-can', question),
        await root.post('/AccessPolicy/$explain', { client: 'one', ...question }),
      ]) {
        expectProblem(answer, 422, [path]);
        expect(answer.body.errors).toEqual([{ path, message }]);
      }
    },
  );

  it('accepts in $explain an unregistered audience that the client lists (fault E6)', async () => {
    await aClient(library.server, 'lister')
      .withTokens({ audience: [LIBRARY, 'urn:unregistered'] })
      .withGrant('book:1:read')
      .register();
    const question = { client: 'lister', scope: 'book:1:read', audience: [LIBRARY, 'urn:unregistered'] };
    const { status, body } = await root.post('/AccessPolicy/$explain', question);
    expect([status, body.items?.[0]?.granted]).toEqual([200, true]);
    await root.delete('/Client/lister');
  });

  it('answers under the percent-encoded name', async () => {
    expect(await whoCan({ scope: 'Client:x:update' }, '%24who-can')).toEqual(['root']);
  });

  it.each([
    ['no scope', {}, ['scope']],
    ['an empty scope', { scope: '' }, ['scope']],
    ['a client', { scope: 'book', client: 'one' }, ['client']],
    ['a wrong audience', { scope: 'book', audience: [''] }, ['audience']],
  ])('rejects %s with 422', async (_, question, paths) => {
    expectProblem(await root.post('/AccessPolicy/$who-can', question), 422, paths);
  });

  it('finds more clients than fit into one statement, linked and unlinked', async () => {
    await register(library.server, 'AccessPolicy', 'many', {
      engine: 'rules',
      link: [{ resourceType: 'Client', id: 'nothing' }],
      rules: [allow('diary', 'many', 'read')],
    });
    await insertLinkedClients(library.server, 'many');
    const linked = await whoCan({ scope: 'diary:many:read' });
    expect(linked).toHaveLength(1500 + ['everything', 'nothing', 'root'].length);
    expect(linked).toContain('bulk-11499');
    await register(library.server, 'AccessPolicy', 'open', {
      engine: 'rules',
      everyone: true,
      rules: [allow('diary', 'open', 'read')],
    });
    const all = ['denied', 'everything', 'nothing', 'one', 'reader', 'root'];
    expect(await whoCan({ scope: 'diary:open:read' })).toHaveLength(1500 + all.length);
  });
});
