import { lastUsesView } from '../../../administration/clients/last-uses.js';
import type { BlastRadius } from '../../../administration/containment/blast-radius.js';
import type { Contained } from '../../../administration/containment/containment.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { isoTime, present } from '../../../administration/documents/meta.js';
import type { Held } from '../../../sessions/held-tokens.js';

export function blastRadiusView(radius: BlastRadius): JsonObject {
  const { client, invalidity, reach, introspects, held, shared } = radius;
  return present({
    resourceType: 'Client',
    id: client.id,
    name: client.name ?? undefined,
    opens: invalidity === undefined,
    reason: invalidity,
    permissions: reach.resources,
    more_permissions: reach.more,
    introspects,
    tokens: tokensView(held),
    last_uses: lastUsesView(client) ?? [],
    shared_with: shared?.sharers.map(({ id, shares }) => ({
      client: { resourceType: 'Client', id },
      shares,
    })),
    more_shared_with: shared?.more,
  });
}

/** APIs that verify JWTs themselves refuse them when they expire, all others at once. */
export const containedView = ({ held, at }: Contained): JsonObject => ({
  last_verifier_refuses: isoTime(Math.max(at, held.jwtsUntil ?? 0)),
  exact: !held.more,
});

const tokensView = ({ live, more, jwtsUntil }: Held): JsonObject =>
  present({ live, more, jwts_end: jwtsUntil === undefined ? undefined : isoTime(jwtsUntil) });
