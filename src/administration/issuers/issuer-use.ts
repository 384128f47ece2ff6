import { Injectable } from '@nestjs/common';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { FederatedRulesRepository } from '../../clients/federation/federated-rules.repository.js';
import type { TrustedIssuer } from '../../clients/federation/trusted-issuer.js';
import { conflict, wrongMembers } from '../../protocol/problem.js';
import { pinFault } from '../clients/federated-rules.js';

const MAX_NAMED = 100;

/** The dependants of a trusted issuer: the clients with rules on it. */
@Injectable()
export class IssuerUse {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly rules: FederatedRulesRepository,
  ) {}

  /** Throws 409 with the clients whose rules would be left without their issuer, or get another one. */
  async assertUnused(id: string, what: string): Promise<void> {
    const clients = await this.rules.clientsOf(id, MAX_NAMED);
    if (clients.length > 0) throw conflict(`${what} while clients have rules on it`, { clients });
  }

  /** Throws 422 if a rule does not fix one of the pins. */
  async assertPinned(issuer: TrustedIssuer): Promise<void> {
    if (!issuer.shared) return;
    const ids = await this.rules.clientsOf(issuer.id);
    for await (const page of this.clients.pagesOf(ids)) {
      for (const { id, federated } of page) {
        const own = federated?.filter(({ issuerId }) => issuerId === issuer.id) ?? [];
        if (own.every((rule) => pinFault(rule, issuer) === undefined)) continue;
        const message = `a rule of the client ${id} contains none of these: change the rule first`;
        throw wrongMembers([{ path: 'pins', message }]);
      }
    }
  }
}
