import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { invalidityOf } from '../../clients/client-validity.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import {
  FederatedAssertions,
  type VerifiedAssertion,
} from '../../clients/federation/federated-assertions.js';
import { FederatedRulesRepository } from '../../clients/federation/federated-rules.repository.js';
import { type ExplainedRule, explainRule } from '../../clients/federation/rule-explanation.js';
import { RuleIndex } from '../../clients/federation/rule-index.js';
import { issuerWarnings, ruleWarnings } from '../../clients/federation/stranger-warnings.js';
import { isSpiffe, type TrustedIssuer } from '../../clients/federation/trusted-issuer.js';
import { parseAssertion } from '../../clients/private-key-jwt/assertion.js';
import { AssertionRefusal, WrongAudience } from '../../clients/private-key-jwt/assertion-refusal.js';
import { Settings } from '../../config/settings.js';
import { type AssertionType, JWT_BEARER, JWT_SPIFFE } from '../../protocol/client-assertion.js';
import { AUTH0 } from '../../tokens/dialects/auth0.js';
import { AUTHING } from '../../tokens/dialects/authing.js';
import { NATIVE } from '../../tokens/dialects/native.js';
import { ruleView } from '../clients/last-uses.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { proposeRule, type RuleProposal } from './rule-proposal.js';

/** More clients with rules on one issuer are not compared: name one. */
const MAX_CLIENTS = 100;

/** One rule of a client, by its place in `federated`. */
export interface TriedRule extends ExplainedRule {
  rule: number;
  warnings: string[];
}

export interface TriedClient {
  id: string;
  fits: boolean;
  /** Why the client itself is refused, although a rule fits. */
  reason?: string;
  rules: TriedRule[];
}

/** With a client: also the document of a PATCH that adds the rule to those that it has. */
export interface Proposal extends RuleProposal {
  patch?: JsonObject;
}

/** The result of an assertion as client authentication. */
export interface Trial {
  /** Undefined if the assertion is not verified: its claims prove nothing then. */
  issuer: TrustedIssuer | undefined;
  /** Why it is refused before any rule counts. */
  reasons: string[];
  /** The dialects at whose endpoints its `aud` is accepted. */
  dialects: string[];
  clients: TriedClient[];
  /** The narrowest rule that it would fit; undefined if it is not verified. */
  proposal: Proposal | undefined;
  /** Whether there are more clients with rules on the issuer. */
  more: boolean;
  warnings: string[];
}

/** Tries an assertion without using it up: verifies it as an endpoint would, and compares it with every rule. */
@Injectable()
export class AssertionTrial {
  constructor(
    private readonly assertions: FederatedAssertions,
    private readonly clients: ClientsRepository,
    private readonly rules: FederatedRulesRepository,
    private readonly index: RuleIndex,
    private readonly settings: Settings,
  ) {}

  async run(assertion: string, clientId: string | undefined): Promise<Trial> {
    const verified = await this.verify(assertion);
    if (verified instanceof AssertionRefusal) {
      return {
        ...{ issuer: undefined, reasons: [verified.message], dialects: [], clients: [] },
        ...{ proposal: undefined, more: false, warnings: [] },
      };
    }
    const { issuer } = verified;
    const meant = await this.meant(verified);
    const ids = clientId === undefined ? await this.clientIds(verified) : [clientId];
    const clients = await this.clients.findMany(ids.slice(0, MAX_CLIENTS));
    return {
      ...{ issuer, ...meant, more: ids.length > MAX_CLIENTS, warnings: issuerWarnings(issuer) },
      clients: clients.map((client) => triedClient(client, verified)),
      proposal: proposalFor(verified, clientId === undefined ? undefined : clients[0]),
    };
  }

  /** Those that an endpoint would compare, and others with rules on the issuer. */
  private async clientIds({ issuer, identity }: VerifiedAssertion): Promise<string[]> {
    const candidates = await this.index.candidates(issuer.id, identity.sub);
    return [...new Set([...candidates, ...(await this.rules.clientsOf(issuer.id, MAX_CLIENTS + 1))])];
  }

  private async verify(assertion: string): Promise<VerifiedAssertion | AssertionRefusal> {
    const type = typeOf(assertion);
    return this.assertions.verify(type, parseAssertion(assertion, type)).catch(returned);
  }

  /** The dialects that it is for, and why it is refused at all of them. */
  private async meant(verified: VerifiedAssertion): Promise<{ dialects: string[]; reasons: string[] }> {
    const refusals: AssertionRefusal[] = [];
    const dialects = DIALECTS.filter((dialect) => {
      try {
        this.assertions.assertMeant(verified, dialect.issuer(this.settings));
        return true;
      } catch (error) {
        refusals.push(returned(error));
        return false;
      }
    }).map(({ name }) => name);
    const used = await this.assertions.assertUnused(verified).catch(returned);
    // A dialect for which it is meant says what else is wrong.
    const others = refusals.filter((refusal) => !(refusal instanceof WrongAudience));
    const decisive = dialects.length > 0 ? [] : others.length > 0 ? others : refusals;
    const messages = [...decisive, ...(used ? [used] : [])].map(({ message }) => message);
    return { dialects, reasons: [...new Set(messages)] };
  }
}

const DIALECTS = [NATIVE, AUTH0, AUTHING];

function returned(error: unknown): AssertionRefusal {
  if (error instanceof AssertionRefusal) return error;
  throw error;
}

/** The client_assertion_type with which it would be sent, by its `sub`, because a trust domain is no `iss` of a token. */
function typeOf(assertion: string): AssertionType {
  const parsed = parseAssertion(assertion, JWT_SPIFFE);
  const sub = parsed instanceof AssertionRefusal ? '' : String(parsed.claims.sub);
  return isSpiffe(sub) ? JWT_SPIFFE : JWT_BEARER;
}

function proposalFor({ issuer, claims }: VerifiedAssertion, client: Client | undefined): Proposal {
  const proposal = proposeRule(issuer, claims);
  if (!proposal.rule || !client) return proposal;
  const rules = client.federated ?? [];
  const isCovered = rules.some((rule) => rule.issuerId === issuer.id && explainRule(rule, claims).fits);
  return isCovered
    ? proposal
    : { ...proposal, patch: { federated: [...rules, proposal.rule].map(ruleView) } };
}

function triedClient(client: Client, { issuer, claims }: VerifiedAssertion): TriedClient {
  const rules = (client.federated ?? []).flatMap((rule, position) =>
    rule.issuerId === issuer.id
      ? [{ rule: position, ...explainRule(rule, claims), warnings: ruleWarnings(rule, issuer) }]
      : [],
  );
  const reason = invalidityOf(client);
  const fits = reason === undefined && rules.some((rule) => rule.fits);
  return { id: client.id, fits, ...(reason === undefined ? {} : { reason }), rules };
}
