import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../audit/audit-trail.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { notFound } from '../../protocol/problem.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { type Held, HeldTokens } from '../../sessions/held-tokens.js';
import { agentOf, type Caller } from '../access/permissions.js';
import { Writers } from '../access/writer.js';
import type { ClientDraft } from '../clients/client-drafts.js';
import { ClientType } from '../clients/client-type.js';
import type { ShownClient } from '../clients/shown-clients.js';
import { ConfigurationSteps } from '../configuration/configuration-steps.js';
import { present } from '../documents/meta.js';

const DISABLED = { active: false };

/** A contained client, and the tokens that it still holds. */
export interface Contained {
  client: ShownClient;
  held: Held;
  /** When every process refused its credentials and tokens. */
  at: number;
}

/**
 * Cuts off a client whose credential may be in the wrong hands: disables it and closes its sessions, both or neither. The
 * change is judged and recorded like a PATCH.
 */
@Injectable()
export class Containment {
  constructor(
    private readonly type: ClientType,
    private readonly steps: ConfigurationSteps,
    private readonly writers: Writers,
    private readonly revision: ConfigurationRevision,
    private readonly trail: AuditTrail,
    private readonly tokens: HeldTokens,
  ) {}

  async contain(caller: Caller, id: string, reason: string | undefined): Promise<Contained> {
    const prepared = await this.type.prepare(id, DISABLED, 'PATCH');
    const client = await this.revision.change(this.type.kinds, async () => {
      const writer = await this.writers.require(caller, 'Client', id, 'update');
      await this.writers.require(caller, 'Session', id, 'delete');
      const current = await this.type.find(id);
      if (!current) throw notFound('Client', id);
      const body = this.steps.merge(this.type, writer, current, DISABLED);
      const write = { writer, id, current, body, prepared, patch: DISABLED };
      // Disabling closes every session; those of a disabled client are closed already.
      const stored = await this.steps.save<ShownClient, ClientDraft>(this.type, write);
      await this.trail.record({
        action: 'client.contain',
        outcome: 'success',
        clientId: id,
        agent: agentOf(caller),
        target: { resourceType: 'Client', id },
        detail: present({ reason, was_active: current.active }),
      });
      return stored;
    });
    await this.type.settle(client);
    // From here on it gets no more tokens.
    return { client, held: await this.tokens.ofClient(id), at: nowMilliseconds() };
  }
}
