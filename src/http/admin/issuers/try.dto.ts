import { ruleView } from '../../../administration/clients/last-uses.js';
import { Is, Optional } from '../../../administration/documents/member-checks.js';
import type { Proposal, Trial, TriedClient } from '../../../administration/issuers/assertion-trial.js';
import { isId } from '../../../protocol/identifier.js';

export class TryMembers {
  @Is((value) => (typeof value === 'string' && value !== '' ? undefined : 'must be a JWT'))
  assertion!: string;

  @Optional()
  @Is((value) => (isId(value) ? undefined : 'must be the id of a client'))
  client_id?: string;
}

/** `accepted`: whether a token request with it would authenticate one client. Never shows the assertion. */
export function trialView(
  { issuer, reasons, clients, more, proposal, ...trial }: Trial,
  clientId: string | undefined,
): object {
  const fitting = clients.filter(({ fits }) => fits);
  const why = [
    ...reasons,
    ...(reasons.length === 0 ? reasonsOfClients(clients, fitting, more, clientId) : []),
  ];
  const accepted = why.length === 0;
  return {
    accepted,
    ...(accepted ? { client: referenceTo('Client', fitting[0]?.id ?? '') } : {}),
    reasons: why,
    ...(issuer ? { issuer: referenceTo('TrustedIssuer', issuer.id) } : {}),
    dialects: trial.dialects,
    clients: clients.map(({ id, ...client }) => ({ client: referenceTo('Client', id), ...client })),
    more,
    ...(proposal ? { proposal: proposalView(proposal) } : {}),
    warnings: trial.warnings,
  };
}

const proposalView = ({ rule, ...proposal }: Proposal): object =>
  rule ? { rule: ruleView(rule), ...proposal } : proposal;

function reasonsOfClients(
  clients: readonly TriedClient[],
  fitting: readonly TriedClient[],
  more: boolean,
  clientId: string | undefined,
): string[] {
  if (clientId !== undefined && clients.length === 0) return [`Client ${clientId} does not exist`];
  if (fitting.length > 1) return ['it fits several clients: send client_id'];
  if (fitting.length === 1) return [];
  return [more ? 'it fits no rule of the first clients: send client_id' : 'it fits no rule'];
}

const referenceTo = (resourceType: string, id: string) => ({ resourceType, id });
