import { isObject, type JsonObject } from '../../../administration/documents/merge-patch.js';
import { type Fault, unreadable } from '../../../protocol/problem.js';

/** An entity of a question, or the one searched for. */
export type Entity = 'subject' | 'action' | 'resource';

/** The members that identify an entity; `properties` describe it, and no policy reads them. */
const IDENTIFYING: Readonly<Record<Entity, readonly string[]>> = {
  subject: ['type', 'id'],
  action: ['name'],
  resource: ['type', 'id'],
};

/** An access evaluation (AuthZEN 6.1), by the words of a scope item. */
export interface Question {
  subject: { type: string; id: string };
  action: { name: string };
  resource: { type: string; id: string };
}

export const ENTITIES: readonly Entity[] = ['subject', 'action', 'resource'];

/**
 * Reads the entities of a question; of the one that is `asked`, which is searched for, an identifying member is ignored.
 * So are members that AuthZEN 1.0 does not define, for later versions. Collects all faults.
 */
export function readQuestion(body: JsonObject, path = '', asked?: Entity): [Question, Fault[]] {
  const faults = ENTITIES.flatMap((entity) =>
    entityFaults(entity, body[entity], `${path}${entity}`, entity === asked),
  );
  if (body.context !== undefined && !isObject(body.context)) {
    faults.push({ path: `${path}context`, message: 'must be an object' });
  }
  return [body as unknown as Question, faults];
}

export function assertReadable(faults: readonly Fault[]): void {
  if (faults.length > 0) throw unreadable('the question is not valid', faults.slice(0, MAX_FAULTS));
}

const MAX_FAULTS = 100;

function entityFaults(entity: Entity, value: unknown, path: string, isAsked: boolean): Fault[] {
  // The action that is searched for has no member left (AuthZEN 8.6).
  if (value === undefined && isAsked && entity === 'action') return [];
  if (value === undefined) return [{ path, message: 'is required' }];
  if (!isObject(value)) return [{ path, message: 'must be an object' }];
  const members = isAsked ? IDENTIFYING[entity].slice(0, -1) : IDENTIFYING[entity];
  const faults: Fault[] = [];
  for (const name of members) {
    const member = value[name];
    if (typeof member !== 'string' || member === '') {
      faults.push({ path: `${path}.${name}`, message: 'must be a string that is not empty' });
    }
  }
  if (value.properties !== undefined && !isObject(value.properties)) {
    faults.push({ path: `${path}.properties`, message: 'must be an object' });
  }
  return faults;
}
