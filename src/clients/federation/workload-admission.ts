import { Injectable } from '@nestjs/common';
import { JWT_BEARER, JWT_BEARER_GRANT, JWT_SPIFFE } from '../../protocol/client-assertion.js';
import { RefusedAssertion } from '../../protocol/refused-assertion.js';
import { CredentialUse } from '../authentication/credential-use.js';
import type { Client } from '../client.js';
import { ClientRegistry } from '../client-registry.js';
import { invalidityOf } from '../client-validity.js';
import { type Assertion, parseAssertion } from '../private-key-jwt/assertion.js';
import { AssertionRefusal } from '../private-key-jwt/assertion-refusal.js';
import type { Origin, UsedRule } from '../usage/last-use.js';
import { FederatedAssertions, type VerifiedAssertion } from './federated-assertions.js';
import { IssuerRegistry } from './issuer-registry.js';
import { fitsRule } from './rule-fit.js';
import { type AssertionIdentity, isSpiffe } from './trusted-issuer.js';
import { workloadId } from './workload.js';

/** A workload that was let in, and the client whose policies and settings its tokens have. */
export interface AdmittedWorkload {
  template: Client;
  identity: AssertionIdentity;
  /** The `sub` of its tokens. */
  subject: string;
}

/** The client of an entry in `admits`, and the entry. */
interface FittingTemplate {
  template: Client;
  rule: UsedRule;
}

/** Lets workloads in that no client represents, by the tokens of issuers with `admits` (RFC 7523 2.1). */
@Injectable()
export class WorkloadAdmission {
  constructor(
    private readonly clients: ClientRegistry,
    private readonly issuers: IssuerRegistry,
    private readonly assertions: FederatedAssertions,
    private readonly uses: CredentialUse,
  ) {}

  /** Throws RefusedAssertion, which reveals no cause to the caller, after one signature check. */
  async admit(assertion: string, ownIssuer: string, origin: Origin): Promise<AdmittedWorkload> {
    try {
      const parsed = parseAssertion(assertion, JWT_BEARER_GRANT);
      const verified = await this.assertions.verify(await this.typeOf(parsed), parsed);
      const fitting = await this.fittingTemplate(verified);
      this.assertions.assertMeant(verified, ownIssuer);
      if (fitting instanceof AssertionRefusal) throw fitting;
      await this.assertions.use(verified);
      const { template, rule } = fitting;
      this.uses.noteRule(template.id, rule, origin);
      return { template, identity: verified.identity, subject: workloadId(verified.identity) };
    } catch (error) {
      throw error instanceof AssertionRefusal ? new RefusedAssertion(error.message) : error;
    }
  }

  /** A grant has no type parameter: a JWT-SVID is one whose `iss`, if any, is no trusted issuer. */
  private async typeOf(parsed: Assertion | AssertionRefusal): Promise<typeof JWT_BEARER | typeof JWT_SPIFFE> {
    if (parsed instanceof AssertionRefusal) return JWT_BEARER;
    const { iss, sub } = parsed.claims;
    if (typeof sub !== 'string' || !isSpiffe(sub)) return JWT_BEARER;
    return typeof iss === 'string' && (await this.issuers.find(iss)) ? JWT_BEARER : JWT_SPIFFE;
  }

  /** Of the first entry that fits; the refusal is returned, so that it is thrown when everything else was checked. */
  private async fittingTemplate({
    issuer,
    claims,
  }: VerifiedAssertion): Promise<FittingTemplate | AssertionRefusal> {
    const admission = issuer.admits?.find((entry) => fitsRule(entry, claims));
    if (!admission) return new AssertionRefusal('no entry in admits of its issuer fits it');
    const client = (await this.clients.find(admission.template))?.client;
    if (!client) return new AssertionRefusal('the template client does not exist');
    const invalidity = invalidityOf(client);
    if (invalidity !== undefined) return new AssertionRefusal(`template: ${invalidity}`);
    return { template: client, rule: { ...admission, issuer: issuer.issuer } };
  }
}
