import { Injectable } from '@nestjs/common';
import { FederatedRulesRepository } from '../../clients/federation/federated-rules.repository.js';
import type { Writer } from '../access/writer.js';
import { PrivilegeEscalationGuard } from './privilege-escalation-guard.js';

/**
 * With other keys, audiences or pins, the author of a trusted issuer could be every client that has a rule on it: the
 * same privileges as for changing how those clients authenticate are required.
 */
@Injectable()
export class IssuerEscalation {
  constructor(
    private readonly rules: FederatedRulesRepository,
    private readonly guard: PrivilegeEscalationGuard,
  ) {}

  async assertIssuerChange(writer: Writer, issuerId: string): Promise<void> {
    await this.assertClients(writer, await this.rules.clientsOf(issuerId));
  }

  /** Workloads act within their template clients. */
  async assertTemplates(writer: Writer, clientIds: readonly string[]): Promise<void> {
    if (clientIds.length > 0) this.guard.assertTemplateUse(writer);
    await this.assertClients(writer, clientIds);
  }

  private async assertClients(writer: Writer, clientIds: readonly string[]): Promise<void> {
    for (const clientId of clientIds) await this.guard.assertClientChange(writer, clientId, null);
  }
}
