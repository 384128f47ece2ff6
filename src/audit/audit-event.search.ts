import { places } from '../database/durable-writer.js';
import { dated, equal, isOneOf, referredId } from '../database/search/parameter-kinds.js';
import { idWord, number, type SearchDefinition, word } from '../database/search/search-definition.js';
import { isId } from '../protocol/identifier.js';
import { AUDIT_OUTCOMES } from './audit-event.js';
import { storedActions } from './renamed-actions.js';

const ACTION = /^[a-z.-]{1,32}$/;

/** A prefix that no id has. */
const NOBODY = '-';

/**
 * The search of audit events, newest first. The client parameter matches both the client concerned and the acting
 * client.
 */
export const AUDIT_SEARCH: SearchDefinition = {
  type: 'AuditEvent',
  from: 'audit_event t',
  id: idWord('t.id'),
  parameters: new Map(
    Object.entries({
      _lastUpdated: dated('t.occurred_at'),
      client: {
        restrict(value: string) {
          const id = referredId('Client', value);
          return isId(id)
            ? { sql: 't.client_id = ? OR t.agent_id = ?', values: [id, id] }
            : ('nothing' as const);
        },
      },
      action: {
        restrict(value: string) {
          if (!ACTION.test(value)) return 'nothing' as const;
          const names = storedActions(value);
          return { sql: `t.action IN (${places(names)})`, values: [...names] };
        },
      },
      outcome: equal('t.outcome', isOneOf(AUDIT_OUTCOMES)),
      date: dated('t.occurred_at'),
    }),
  ),
  sortKeys: new Map(
    Object.entries({
      id: idWord('t.id'),
      createdAt: number('t.occurred_at'),
      lastUpdated: number('t.occurred_at'),
      client: idWord(`COALESCE(t.client_id, '${NOBODY}')`),
      action: word('t.action'),
      outcome: word('t.outcome'),
      date: number('t.occurred_at'),
    }),
  ),
  firstOrder: '-date,-id',
  elements: new Set([
    'resourceType',
    'id',
    'meta',
    'date',
    'action',
    'outcome',
    'client',
    'agent',
    'target',
    'detail',
    'sequence',
    'previous_hash',
    'hash',
  ]),
};
