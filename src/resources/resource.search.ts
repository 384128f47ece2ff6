import { equal, part } from '../database/search/parameter-kinds.js';
import { configurationSearch, type SearchDefinition, word } from '../database/search/search-definition.js';
import { isForeignAudience } from '../protocol/identifier.js';

export const RESOURCE_SEARCH: SearchDefinition = configurationSearch('Resource', 'resource', {
  parameters: { name: part('t.name_folded'), audience: equal('t.audience', isForeignAudience) },
  sortKeys: { name: word('t.name_folded'), audience: word("COALESCE(t.audience, '')") },
  elements: [
    'name',
    'description',
    'audience',
    'uri',
    'public',
    'operations',
    'introspection_clients',
    'token',
    'claims',
  ],
});
