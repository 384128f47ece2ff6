import type { JsonObject } from '../../administration/documents/merge-patch.js';
import { present } from '../../administration/documents/meta.js';
import type { AuditAction, AuditEvent } from '../../audit/audit-event.js';
import type { EventType } from '../../protocol/event-type.js';
import { auditView } from '../audit-view.js';

/** The body of a webhook (Standard Webhooks 1.0, "Payload structure"). */
export interface EventMessage {
  type: EventType;
  timestamp: unknown;
  data: JsonObject;
}

/** A type of events: the actions it is made from, and the members of the detail that it shows. */
interface EventSource {
  actions: readonly AuditAction[];
  /** Which events of these actions; all unless it is given. */
  includes?: (event: AuditEvent, detail: JsonObject) => boolean;
  show: (detail: JsonObject) => JsonObject;
}

const ROTATION_REASONS: readonly unknown[] = ['schedule', 'rotated', 'rotated_immediately', 'compromised'];

const ROTATING: readonly string[] = ['signing-key.create', 'signing-key.update'] satisfies AuditAction[];

const isRotation = ({ action }: Pick<AuditEvent, 'action'>, { reason }: JsonObject): boolean =>
  ROTATING.includes(action) && ROTATION_REASONS.includes(reason);

/** Exactly these members: what an audit event may contain one day does not leave the server by itself. */
const only =
  (...names: readonly string[]) =>
  (detail: JsonObject): JsonObject =>
    Object.fromEntries(names.filter((name) => name in detail).map((name) => [name, detail[name]]));

const SOURCES: Readonly<Record<EventType, EventSource>> = {
  'secret.expiring': { actions: ['secret.expire-soon'], show: only('secret_id', 'expires_at', 'days') },
  'client.expiring': { actions: ['client.expire-soon'], show: only('expires_at', 'days') },
  'signing_key.expiring': { actions: ['signing-key.expire-soon'], show: only('alg', 'expires_at', 'days') },
  'client.unused': { actions: ['client.go-unused'], show: only('last_used', 'days') },
  'quota.reached': {
    actions: ['quota.approach'],
    show: only('window', 'percent', 'quota', 'used', 'enforced', 'workload'),
  },
  'refusals.spiked': { actions: ['refusal.spike'], show: only('count', 'minutes', 'usual', 'actions') },
  'signing_key.rotated': {
    actions: ['signing-key.create', 'signing-key.update'],
    includes: isRotation,
    show: ({ reason, after }) => ({ reason, ...only('alg', 'signs_from')(objectOf(after)) }),
  },
  'configuration.changed': {
    actions: [
      'backup.restore',
      ...(['client.create', 'client.update', 'client.delete'] as const),
      ...(['client.rotate-secret', 'client.add-secret', 'client.end-secret'] as const),
      ...(['resource.create', 'resource.update', 'resource.delete'] as const),
      ...(['policy.create', 'policy.update', 'policy.delete'] as const),
      ...(['trusted-issuer.create', 'trusted-issuer.update', 'trusted-issuer.delete'] as const),
      ...(['signing-key.create', 'signing-key.update', 'signing-key.delete'] as const),
    ],
    includes: (event, detail) => !isRotation(event, detail),
    show: ({ reason, before, after }) =>
      present({ reason, changed: changedMembers(objectOf(before), objectOf(after)) }),
  },
  'session.reuse_detected': { actions: ['refresh-token.reuse'], show: only('reason') },
};

/** The audited actions that these types are made from. */
export const actionsOf = (types: readonly EventType[]): AuditAction[] => [
  ...new Set(types.flatMap((type) => SOURCES[type].actions)),
];

/** The message for an event; undefined if it is of none of these types. */
export function messageOf(event: AuditEvent, types: readonly EventType[]): EventMessage | undefined {
  const { id, date, action, client, agent, target, detail } = auditView(event);
  const members = objectOf(detail);
  const type = types.find((name) => {
    const { actions, includes } = SOURCES[name];
    return actions.some((one) => one === action) && (includes?.(event, members) ?? true);
  });
  if (type === undefined) return undefined;
  const common = present({ event: { resourceType: 'AuditEvent', id }, action, client, target, agent });
  return { type, timestamp: date, data: { ...common, ...SOURCES[type].show(members) } };
}

/** The names of the members that differ; their values stay in the audit event. */
function changedMembers(before: JsonObject, after: JsonObject): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const isChanged = (name: string) => JSON.stringify(before[name]) !== JSON.stringify(after[name]);
  return [...names].filter((name) => !UNCHANGING.has(name) && isChanged(name)).sort();
}

const UNCHANGING: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta']);

const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null ? (value as JsonObject) : {};
