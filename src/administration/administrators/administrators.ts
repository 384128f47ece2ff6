import { Injectable } from '@nestjs/common';
import { type Client, permitsAudience } from '../../clients/client.js';
import { ClientSecretsRepository } from '../../clients/client-secrets.repository.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { canVerify } from '../../clients/private-key-jwt/keys/public-key-set.js';
import { Settings } from '../../config/settings.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { conflict } from '../../protocol/problem.js';

/**
 * Ensures that at least one active client can write policies, and that neither it nor its secret will expire; otherwise
 * administration would be locked out for good.
 */
@Injectable()
export class Administrators {
  constructor(
    private readonly policies: PoliciesRepository,
    private readonly clients: ClientsRepository,
    private readonly stored: ClientSecretsRepository,
    private readonly settings: Settings,
  ) {}

  /** Throws 409 if, within this transaction, no active client could write AccessPolicy. */
  async assertAnAdminRemains(): Promise<void> {
    for (const policy of await this.policies.administrative()) {
      const candidates = policy.everyone ? this.clients.pages() : this.clients.pagesOf(policy.clientIds);
      for await (const page of candidates) {
        for (const client of page) if (await this.couldWritePolicies(client)) return;
      }
    }
    throw conflict('this write would leave no active client without an expiry that can write AccessPolicy');
  }

  private async couldWritePolicies(client: Client): Promise<boolean> {
    if (!client.active || client.expiresAt !== null || !this.canAuthenticate(client)) return false;
    if (!(await this.hasCredential(client))) return false;
    const compiled = new CompiledPolicies(await this.policies.ofClient(client.id));
    return ['create', 'update'].every((operation) =>
      compiled.grants({ resource: 'AccessPolicy', identifier: '*', operation }),
    );
  }

  private async hasCredential({
    id,
    tokenEndpointAuthMethod: method,
    jwks,
    jwksUri,
  }: Client): Promise<boolean> {
    if (method === 'private_key_jwt') return jwksUri !== null || (jwks !== null && canVerify(jwks));
    const secrets = await this.stored.of(id);
    return secrets.some(({ expiresAt }) => expiresAt === null);
  }

  /** By Basic, or with an access token for this server. */
  private canAuthenticate({
    grantTypes,
    tokenEndpointAuthMethod: method,
    clientCredentials,
  }: Client): boolean {
    const byBasic = grantTypes.includes('basic') && (method === null || method === 'client_secret_basic');
    const forThisServer = permitsAudience({ clientCredentials }, this.settings.rootIssuer);
    return byBasic || (grantTypes.includes('client_credentials') && forThisServer);
  }
}
