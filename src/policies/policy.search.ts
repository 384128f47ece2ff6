import { ALL } from '../../packages/protocol/src/scope-item.js';
import { equal, isOneOf, reference } from '../database/search/parameter-kinds.js';
import { configurationSearch, type SearchDefinition, word } from '../database/search/search-definition.js';
import { POLICY_ENGINES } from './policy.js';

const LINKED =
  't.everyone = FALSE AND EXISTS (SELECT 1 FROM policy_client l WHERE l.policy_id = t.id AND l.client_id = ?)';
const NAMED = 'EXISTS (SELECT 1 FROM policy_resource n WHERE n.policy_id = t.id AND n.resource_id = ?)';

const named = reference('Resource', NAMED);

export const POLICY_SEARCH: SearchDefinition = configurationSearch('AccessPolicy', 'policy', {
  parameters: {
    client: reference('Client', LINKED),
    resource: {
      // Rules on every resource do not match a search for one resource.
      restrict: (value) =>
        value === ALL
          ? { sql: 'INSTR(t.rules, ?) > 0', values: [`"resource":"${ALL}"`] }
          : named.restrict(value),
    },
    engine: equal('t.engine', isOneOf(POLICY_ENGINES)),
  },
  sortKeys: { engine: word('t.engine') },
  elements: ['description', 'engine', 'link', 'everyone', 'except', 'rules'],
});
