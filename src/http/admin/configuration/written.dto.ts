import { Allow } from 'class-validator';
import type { Fault } from '../../../protocol/problem.js';
import type { JsonObject } from '../body/merge-patch.js';

/** Members that an answer has and a request may write back: they must agree, and `meta` is ignored. */
export abstract class WrittenMembers {
  @Allow()
  resourceType?: unknown;

  @Allow()
  id?: unknown;

  @Allow()
  meta?: unknown;
}

export function disagreements({ resourceType, id }: JsonObject, type: string, itsId: string): Fault[] {
  const faults: Fault[] = [];
  if (resourceType !== undefined && resourceType !== type) {
    faults.push({ path: 'resourceType', message: `must be ${type} here` });
  }
  if (id !== undefined && id !== itsId) faults.push({ path: 'id', message: 'must be the id of the address' });
  return faults;
}
