import type { Policy } from './policy.js';
import { deniesEveryone } from './rule-cover.js';

/** The latest times among all stored policies. */
export interface LatestTimes {
  created: number;
  begun: number;
}

/**
 * Orders creations and the beginnings of denies for everyone, although the clocks of the processes differ: the later one
 * has the later time.
 */
export function inOrder(
  policy: Policy,
  before: Pick<Policy, 'createdAt' | 'deniesEveryoneSince'> | null,
  { created, begun }: LatestTimes,
): Policy {
  const createdAt = before?.createdAt ?? Math.max(policy.createdAt, begun);
  if (!deniesEveryone(policy)) return { ...policy, createdAt, deniesEveryoneSince: null };
  const begins = Math.max(policy.updatedAt, createdAt, created + 1);
  return { ...policy, createdAt, deniesEveryoneSince: before?.deniesEveryoneSince ?? begins };
}
