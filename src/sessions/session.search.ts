import { isWorkloadId } from '../clients/federation/workload.js';
import { places } from '../database/durable-writer.js';
import { dated, datedByKey, equal, listed, reference, switched } from '../database/search/parameter-kinds.js';
import {
  idWord,
  number,
  type SearchDefinition,
  type SortKey,
  word,
} from '../database/search/search-definition.js';
import type { SearchParameter } from '../database/search/search-parameter.js';
import type { SqlPart } from '../database/search/search-sql.js';
import { MAX_AUDIENCE_LENGTH } from '../protocol/identifier.js';
import { firstIdOf, SESSION_WITH_OWNERS } from './session-row.js';

const VISIBLE = /^[\x21-\x7E]+$/;
const TYPE = /^[a-z_]{1,32}$/;

const CHANGED_AT = 'COALESCE(s.closed_at, f.family_closed_at, s.started_at)';

/**
 * `live`: whether the token is valid, 1 or 0; `templates`: the clients in whose name workloads have sessions. A caller
 * restricted to its own sessions can sort them by id only: the index of a client's sessions supports no other order
 * efficiently.
 */
export function sessionSearch(
  live: SqlPart,
  mayReadAll: boolean,
  templates: readonly string[],
): SearchDefinition {
  return {
    type: 'Session',
    from: SESSION_WITH_OWNERS,
    id: idWord('s.id'),
    parameters: new Map(
      Object.entries({
        _lastUpdated: dated(CHANGED_AT),
        client: reference('Client', 's.client_id = ?'),
        active: switched(live),
        workload: workload(templates),
        audience: listed('s.audience', (value) => value.length <= MAX_AUDIENCE_LENGTH && VISIBLE.test(value)),
        type: equal('s.type', (value) => TYPE.test(value)),
        start: datedByKey('s.started_at', { sql: 's.id', bound: firstIdOf }),
        end: dated('s.ends_at'),
      }),
    ),
    sortKeys: new Map(
      Object.entries({
        id: idWord('s.id'),
        ...(mayReadAll ? sortKeysOfAll(live) : {}),
      }),
    ),
    ...(mayReadAll ? {} : { sortHint: 'other orders require the permission Session:*:read' }),
    // Ids contain the time at which a session began.
    firstOrder: '-id',
    elements: new Set([
      'resourceType',
      'id',
      'meta',
      'client',
      'type',
      'workload',
      'active',
      'scope',
      'audience',
      'token_format',
      'federated',
      'address',
      'user_agent',
      'start',
      'end',
      'refresh_end',
    ]),
  };
}

/** Within the clients that are templates, because the sessions of a client have an index. */
const workload = (templates: readonly string[]): SearchParameter => ({
  restrict: (value) =>
    isWorkloadId(value) && templates.length > 0
      ? { sql: `s.client_id IN (${places(templates)}) AND s.subject = ?`, values: [...templates, value] }
      : 'nothing',
});

/** The start is sorted by id, which contains it: no index serves `started_at`. */
const sortKeysOfAll = (live: SqlPart): Record<string, SortKey> => ({
  createdAt: idWord('s.id'),
  lastUpdated: number(CHANGED_AT),
  client: idWord('s.client_id'),
  active: { ...live, kind: 'number' },
  type: word('s.type'),
  start: idWord('s.id'),
  end: number('s.ends_at'),
});
