import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { printable } from '../../packages/protocol/src/error-description.js';
import { masked, maskedInAscii } from '../../packages/protocol/src/masked.js';
import { parseScopeItem } from '../../packages/protocol/src/scope-item.js';
import { Preconditions } from '../../src/administration/configuration/preconditions.js';
import { textFaults } from '../../src/administration/documents/text-faults.js';
import { parseAssertion, readAssertion } from '../../src/clients/private-key-jwt/assertion.js';
import { isHandle, isMadeSecret, readHandle } from '../../src/crypto/handle.js';
import { readDateRange } from '../../src/database/search/date-range.js';
import { readQuery } from '../../src/http/admin/access/query-string.js';
import { representationFor } from '../../src/http/admin/answer/representation.js';
import { readYaml } from '../../src/http/admin/body/yaml-body.js';
import { readCursor } from '../../src/http/admin/search/cursor.js';
import { prefersToJson } from '../../src/http/oauth/accepted-types.js';
import { readParameters } from '../../src/http/oauth/oauth-parameters.js';
import { auditableClientId } from '../../src/http/request/auditable-client-id.js';
import { readBasicHeader, withBasicScheme } from '../../src/http/request/basic-header.js';
import { readBearerToken } from '../../src/http/request/bearer.js';
import { readMediaType } from '../../src/http/request/media-type.js';
import { trusting } from '../../src/http/request/remote-address.js';
import { isAudience, isId } from '../../src/protocol/identifier.js';
import { parseJson, repeatedMember } from '../../src/protocol/json-text.js';
import { parseScope } from '../../src/protocol/scope.js';
import { faultOf } from '../../src/server/framing.js';
import { routed } from '../../src/server/request-target.js';
import { idWithin } from '../../src/tokens/access-token.js';
import { attacksOn, attacksOnText, expressionsIn, isLinear } from '../support/expressions.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const KILOBYTE = 1024;

/** Read settings and chosen secrets, which have at most 255 characters. */
const SHORT_INPUT_FILES = new Map([['src/config/weak-secret.ts', 255]]);

/** Put together at run time; the functions that use them are in the table below. */
const MADE_AT_RUN_TIME = ['packages/protocol/src/masked.ts', 'src/database/search/date-range.ts'];

const expressions = ['src', 'packages/protocol/src', 'packages/guard/src'].flatMap((folder) =>
  expressionsIn(root, folder),
);

const settled = (read: (text: string) => unknown) => (text: string) => {
  try {
    read(text);
  } catch {
    // A refusal is an answer.
  }
};

const trusts = trusting(['10.0.0.0/8', '127.0.0.1']);
const HEADER_STARTS = [
  'Basic ',
  'Bearer ',
  'application/json;',
  'text/yaml;q=',
  'W/"1",',
  '*/*,',
  '10.0.0.1, ',
];
const BODY_STARTS = [
  'scope=',
  'token=',
  '{"a":',
  '["a",',
  'a: [',
  '- ',
  'a:\n',
  "'",
  '&a ',
  '*a',
  '{a: ',
  '|\n',
];

/** Every function that reads a text from outside, and the largest text that reaches it. */
const READERS: [string, number, readonly string[], (text: string) => unknown][] = [
  ['masked', 128 * KILOBYTE, ['basic ', 'bearer ', 'eyJ', 'lka_', 'eyJ.'], (text) => masked(text)],
  ['maskedInAscii', 128 * KILOBYTE, ['eyJ'], (text) => maskedInAscii(text)],
  ['printable', 128 * KILOBYTE, ['eyJ'], (text) => printable(text)],
  ['readBearerToken', 16 * KILOBYTE, HEADER_STARTS, (text) => readBearerToken(text)],
  ['readBasicHeader', 16 * KILOBYTE, HEADER_STARTS, (text) => readBasicHeader(text)],
  ['withBasicScheme', 16 * KILOBYTE, HEADER_STARTS, (text) => withBasicScheme(text)],
  ['readMediaType', 16 * KILOBYTE, HEADER_STARTS, (text) => readMediaType(text)],
  [
    'prefersToJson',
    16 * KILOBYTE,
    HEADER_STARTS,
    (text) => prefersToJson(`${text},application/x`, 'application/x'),
  ],
  ['representationFor', 16 * KILOBYTE, HEADER_STARTS, (text) => representationFor(text)],
  [
    'Preconditions',
    16 * KILOBYTE,
    HEADER_STARTS,
    (text) => new Preconditions({ 'if-match': text }).assertHold(1),
  ],
  ['trusting', 16 * KILOBYTE, HEADER_STARTS, (text) => trusts(text, 0)],
  [
    'faultOf',
    16 * KILOBYTE,
    HEADER_STARTS,
    (host) => faultOf({ httpVersion: '1.1', headers: { host }, rawHeaders: ['host', host] }),
  ],
  ['routed', 16 * KILOBYTE, ['http://a/', '/auth/verify/', '//.well-known/', '/%24', '?'], routed],
  ['readQuery', 16 * KILOBYTE, ['scope=', '&'], (text) => readQuery(`/x?${text}`)],
  ['auditableClientId', 64 * KILOBYTE, ['lks_', 'eyJ'], auditableClientId],
  ['parseScope', 64 * KILOBYTE, ['a:b:c ', 'eyJ'], parseScope],
  ['parseScopeItem', 64 * KILOBYTE, ['a:b:c', '*'], parseScopeItem],
  ['isId', 64 * KILOBYTE, ['a'], isId],
  ['isAudience', 64 * KILOBYTE, ['urn:a'], isAudience],
  ['readHandle', 128 * KILOBYTE, ['lka_'], (text) => readHandle('accessToken', text)],
  ['isHandle', 128 * KILOBYTE, ['lka_'], isHandle],
  ['isMadeSecret', 128 * KILOBYTE, ['lks_'], isMadeSecret],
  ['idWithin', 128 * KILOBYTE, ['eyJ.', '.'], idWithin],
  ['readAssertion', 64 * KILOBYTE, ['eyJ.', '.'], readAssertion],
  ['parseAssertion', 64 * KILOBYTE, ['eyJ.', '.'], parseAssertion],
  ['readCursor', 16 * KILOBYTE, ['W1'], (text) => readCursor(text, '', [])],
  ['readDateRange', 16 * KILOBYTE, ['ge2026-', '2026-01-01T00:00:00.'], readDateRange],
  [
    'readParameters of a form',
    64 * KILOBYTE,
    BODY_STARTS,
    (text) => readParameters('application/x-www-form-urlencoded', Buffer.from(text)),
  ],
  [
    'readParameters of JSON',
    64 * KILOBYTE,
    BODY_STARTS,
    (text) => readParameters('application/json', Buffer.from(text)),
  ],
  ['parseJson', 128 * KILOBYTE, BODY_STARTS, parseJson],
  ['repeatedMember', 128 * KILOBYTE, BODY_STARTS, (text) => repeatedMember(JSON.stringify({ [text]: text }))],
  ['readYaml', 16 * KILOBYTE, BODY_STARTS, (text) => readYaml(text, () => undefined)],
  ['textFaults', 128 * KILOBYTE, BODY_STARTS, textFaults],
];

describe('Untrusted text', () => {
  it('is matched only by regular expressions with linear cost (fault B3)', () => {
    expect(expressions.length).toBeGreaterThan(50);
    for (const { file, text, expression } of expressions) {
      if (!expression) continue;
      const length = SHORT_INPUT_FILES.get(file) ?? 16 * KILOBYTE;
      for (const attack of attacksOn(expression)) {
        const sound = isLinear((whole) => void whole.replace(expression, ''), attack, length);
        expect(sound, `${file} ${text} on ${JSON.stringify(attack(40))}`).toBe(true);
      }
    }
  }, 120_000);

  it('is matched by no expression unknown to this file (fault B3)', () => {
    const made = expressions.filter(({ expression }) => !expression).map(({ file }) => file);
    expect([...new Set(made)].sort()).toEqual(MADE_AT_RUN_TIME);
  });

  it.each(READERS)(
    'costs %s linear time (fault B3)',
    (_, length, starts, read) => {
      for (const attack of attacksOnText(starts)) {
        expect(isLinear(settled(read), attack, length), JSON.stringify(attack(40))).toBe(true);
      }
    },
    120_000,
  );
});
