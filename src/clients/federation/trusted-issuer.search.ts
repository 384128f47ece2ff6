import { equal, part, switched } from '../../database/search/parameter-kinds.js';
import { configurationSearch, type SearchDefinition, word } from '../../database/search/search-definition.js';

const VISIBLE = /^[\x21-\x7E]{1,255}$/;

export const ISSUER_SEARCH: SearchDefinition = configurationSearch('TrustedIssuer', 'trusted_issuer', {
  parameters: {
    name: part('t.name_folded'),
    issuer: equal('t.issuer', (value) => VISIBLE.test(value)),
    shared: switched({ sql: 't.shared', values: [] }),
  },
  sortKeys: { name: word('t.name_folded'), issuer: word('t.issuer') },
  elements: [
    'name',
    'description',
    'issuer',
    'jwks',
    'jwks_uri',
    'ca',
    'algs',
    'audiences',
    'max_lifetime_seconds',
    'replay',
    'shared',
    'pins',
    'admits',
  ],
});
