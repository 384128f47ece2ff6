import {
  dated,
  equal,
  isOneOf,
  isStorable,
  listed,
  part,
  partOfIdOr,
  switched,
} from '../database/search/parameter-kinds.js';
import {
  configurationSearch,
  number,
  type SearchDefinition,
  word,
} from '../database/search/search-definition.js';
import { CLIENT_GRANT_TYPES } from '../protocol/grant-type.js';
import { labelled } from './search/label-search.js';
import { METHOD } from './search/method-search.js';
import { UNUSED } from './usage/unused-search.js';

export const CLIENT_SEARCH: SearchDefinition = configurationSearch('Client', 'client', {
  parameters: {
    text: partOfIdOr('t.name_folded'),
    name: part('t.name_folded'),
    active: switched({ sql: 't.active', values: [] }),
    owner: equal('t.owner', isStorable),
    label: labelled('t.labels'),
    expires: dated('t.expires_at'),
    unused: UNUSED,
    method: METHOD,
    grant_type: listed('t.grant_types', isOneOf(CLIENT_GRANT_TYPES)),
  },
  sortKeys: { name: word('t.name_folded'), active: number('t.active') },
  elements: [
    'name',
    'description',
    'owner',
    'labels',
    'active',
    'expires_at',
    'grant_types',
    'token_endpoint_auth_method',
    'jwks',
    'jwks_uri',
    'assertion_audience',
    'federated',
    'auth',
    'token_quota',
    'claims',
    'last_uses',
  ],
});
