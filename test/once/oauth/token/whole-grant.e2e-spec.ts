import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { AUTH0, at, NATIVE } from '../../../support/dialects.js';
import { ATLAS, LIBRARY, useLibrary } from '../../../support/library.js';
import { aClient, aResource } from '../../../support/registration.js';

const library = useLibrary();

describe.each([NATIVE, AUTH0])('The whole grant of an audience in the $name dialect', (dialect) => {
  const grantOf = async (rules: string[], audience: string | string[] = LIBRARY) => {
    const client = await aClient(library.server)
      .withTokens({ token_format: 'jwt' })
      .withGrant(...rules)
      .register();
    const { status, body } = await client.ask(dialect, { resource: audience });
    if (status === 200) expect(decodeJwt(body.access_token).scope).toBe(body.scope);
    return status === 200 ? body.scope : body;
  };

  it('gives bare names, by resource and then as the operations were registered', async () => {
    expect(await grantOf(['*:*:*'])).toBe('read write turn');
    expect(await grantOf(['*:*:*'], ATLAS)).toBe('zoom geocode:location');
  });

  it('follows the audiences in the order requested', async () => {
    expect(await grantOf(['*:*:*'], [ATLAS, LIBRARY])).toBe('zoom geocode:location read write turn');
    expect(await grantOf(['*:*:*'], [LIBRARY, ATLAS])).toBe('read write turn zoom geocode:location');
  });

  it('gives pieces where an operation is granted on some identifiers only', async () => {
    expect(await grantOf(['page:2:turn', 'page:1:turn,read', 'map:*:*'])).toBe(
      'page:2:turn page:1:turn page:1:read',
    );
  });

  it('leaves out every identifier that a deny rule touches, and the bare name with it', async () => {
    expect(await grantOf(['page:*:turn', 'page:1:turn', 'page:2:turn', '!page:2:*'])).toBe('page:1:turn');
  });

  it('gives the bare name of a shared operation if every one grants it, else resource:*:operation', async () => {
    expect(await grantOf(['book:*:read', 'page:*:read'])).toBe('read');
    expect(await grantOf(['book:*:read'])).toBe('book:*:read');
    expect(await grantOf(['book:*:read', 'page:3:read'])).toBe('book:*:read page:3:read');
  });

  it('reaches an operation whose name holds a colon by its bare name only', async () => {
    expect(await grantOf(['map:*:geocode:location'], ATLAS)).toBe('geocode:location');
    expect(await grantOf(['map:1:geocode:location', 'map:1:zoom'], ATLAS)).toBe('map:1:zoom');
  });

  it('never spells a piece like the name of an operation, which would be read as that', async () => {
    const audience = `urn:trap:${dialect.name}`;
    const trap = `trap-${dialect.name}`;
    await aResource(library.server, trap, ['zoom', `${trap}:1:zoom`], { audience });
    expect(await grantOf([`${trap}:1:zoom`, `${trap}:2:zoom`], audience)).toBe(`${trap}:2:zoom`);
  });

  it('is refused when it is empty, as when all items are refused', async () => {
    const nothing = await grantOf(['book:*:read', '!*:*:*']);
    expect(nothing).toEqual(
      at(dialect, {
        native: {
          error: 'invalid_scope',
          error_description: 'no item of scope is granted to this client',
        },
        auth0: { error: 'access_denied', error_description: 'Client has not been granted any scopes' },
        authing: undefined,
      }),
    );
  });

  it('is granted again word by word when it is asked for', async () => {
    const rules = [
      'book:*:read',
      'page:3:read',
      'page:*:turn',
      '!page:13:turn',
      'page:4:turn',
      'map:*:geocode:location',
    ];
    const client = await aClient(library.server)
      .withGrant(...rules)
      .register();
    const { body } = await client.ask(dialect, { resource: [LIBRARY, ATLAS] });
    expect(body.scope).toBe('book:*:read page:3:turn page:4:turn page:3:read geocode:location');
    const again = await client.ask(dialect, { resource: [LIBRARY, ATLAS], scope: body.scope });
    expect(again.body.scope).toBe(body.scope);
    expect(again.body).not.toHaveProperty('rejected_scope');
  });
});

describe('No scope', () => {
  it('is none where the audience is the own one of the server, in either dialect', async () => {
    const client = await aClient(library.server)
      .withTokens({ token_format: 'jwt' })
      .withGrant('diary:*:read')
      .register();
    for (const dialect of [NATIVE, AUTH0]) {
      const { status, body } = await client.ask(dialect, { audience: library.own });
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('scope');
      expect(decodeJwt(body.access_token)).not.toHaveProperty('scope');
    }
  });
});
