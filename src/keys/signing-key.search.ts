import { SIGNING_ALGS } from '../../packages/protocol/src/signing-alg.js';
import { dated, equal } from '../database/search/parameter-kinds.js';
import { idWord, number, type SearchDefinition, word } from '../database/search/search-definition.js';

/** The search of signing keys, newest first. */
export const KEY_SEARCH: SearchDefinition = {
  type: 'SigningKey',
  from: 'signing_key t',
  id: idWord('t.kid'),
  parameters: new Map(
    Object.entries({
      _lastUpdated: dated('t.created_at'),
      alg: equal('t.alg', (value) => SIGNING_ALGS.some((alg) => alg === value)),
    }),
  ),
  sortKeys: new Map(
    Object.entries({
      id: idWord('t.kid'),
      createdAt: number('t.created_at'),
      lastUpdated: number('t.created_at'),
      alg: word('t.alg'),
    }),
  ),
  firstOrder: '-createdAt',
  elements: new Set(['resourceType', 'id', 'meta', 'alg', 'state', 'signs_from', 'jwk']),
};
