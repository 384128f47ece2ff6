import { describe, expect, it } from 'vitest';
import { engineHint, memberHint } from './member-hints.js';

describe('memberHint', () => {
  it.each([
    ['client_secret', 'use secret'],
    ['clientSecret', 'use secret'],
    ['clientId', 'use id'],
    ['client-id', 'use id'],
    ['identifier', 'use audience'],
    ['scopes', 'use operations'],
    ['token_lifetime', 'access_token_expiration'],
    ['tokenLifetime', 'access_token_expiration'],
    ['redirect_uris', 'omit it'],
    ['grantTypes', 'use grant_types'],
    ['jwksUri', 'use jwks_uri'],
    ['matcho', 'use rules'],
  ])('names the equivalent of %s (fault E10)', (name, hint) => expect(memberHint(name)).toContain(hint));

  it.each(['nothing', 'constructor', '', 'fooBar', 'grant_types'])(
    'returns nothing for %s (fault E10)',
    (name) => expect(memberHint(name)).toBeUndefined(),
  );
});

describe('engineHint', () => {
  it.each(['json-schema', 'sql', 'matcho'])('recommends rules for %s (fault E10)', (engine) =>
    expect(engineHint(engine)).toContain('rules'),
  );

  it.each(['allow', 'rules', 'x', undefined, {}])('returns nothing for %s (fault E10)', (engine) =>
    expect(engineHint(engine)).toBeUndefined(),
  );
});
