import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../audit/audit-event.js';
import { EVENT_TYPES } from '../../protocol/event-type.js';
import { actionsOf, type EventMessage, messageOf } from './event-message.js';

const SECRET = 'whatever-a-later-version-adds';

const anEvent = (action: string, detail: object): AuditEvent => ({
  sequence: 7,
  id: '01a22f6c-9916-7a9d-b54a-40689aafe0f2',
  date: Date.UTC(2026, 11, 1),
  action,
  outcome: 'success',
  clientId: 'billing',
  agentId: null,
  agentSessionId: null,
  address: null,
  targetType: null,
  targetId: null,
  detail: JSON.stringify(detail),
  previousHash: '',
  hash: '',
});

const documented = (): EventMessage[] => {
  const text = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
  return [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json));
};

describe('The message for an audit event', () => {
  it('is of the first type that includes it; of several chosen types only', () => {
    const rotated = anEvent('signing-key.create', { reason: 'schedule', after: { alg: 'RS256' } });
    const first = anEvent('signing-key.create', { reason: 'first_of_its_algorithm' });
    expect(messageOf(rotated, EVENT_TYPES)?.type).toBe('signing_key.rotated');
    expect(messageOf(first, EVENT_TYPES)?.type).toBe('configuration.changed');
    expect(messageOf(rotated, ['configuration.changed'])).toBeUndefined();
    expect(messageOf(anEvent('token.issue', {}), EVENT_TYPES)).toBeUndefined();
  });

  it.each(actionsOf(EVENT_TYPES))('shows of %s no member that its type does not list', (action) => {
    const documents = { before: { name: SECRET }, after: { name: 'else', secret: SECRET, alg: 'RS256' } };
    for (const reason of ['schedule', 'closed']) {
      const message = messageOf(anEvent(action, { reason, later: SECRET, ...documents }), EVENT_TYPES);
      expect(message).toBeDefined();
      expect(JSON.stringify(message)).not.toContain(SECRET);
    }
  });

  it('names the members that differ, not those that every write changes', () => {
    const detail = {
      before: { id: 'a', meta: { versionId: '1' }, name: 'One', labels: { a: 'b' } },
      after: { id: 'a', meta: { versionId: '2' }, labels: { a: 'b' }, active: false },
    };
    expect(messageOf(anEvent('client.update', detail), EVENT_TYPES)?.data.changed).toEqual([
      'active',
      'name',
    ]);
  });

  it('has an example of each type in docs/events.md, with the members that it has', () => {
    const examples = documented();
    expect(examples.map(({ type }) => type)).toEqual([...EVENT_TYPES]);
    for (const { type, data } of examples) {
      const { event, client, target, agent, action, changed, ...detail } = data;
      const after = { alg: detail.alg, signs_from: detail.signs_from };
      const before = Object.fromEntries(((changed ?? []) as string[]).map((name) => [name, 'before']));
      const made = messageOf(anEvent(String(action), { ...detail, before, after }), [type]);
      const {
        event: ownEvent,
        client: ownClient,
        action: ownAction,
        changed: ownChanged,
        ...shown
      } = made?.data ?? {};
      expect(shown, type).toEqual(detail);
    }
  });
});
