import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { RevisionedMemo } from '../../database/revisions/revisioned-memo.js';
import type { TokenRequest } from '../../protocol/messages/token-request.js';
import { OAuthError } from '../../protocol/oauth-error.js';
import type { Dialect } from '../dialects/dialect.js';
import type { TokenPlan } from './token-plan.js';

const MAX_PLANS = 10_000;
const KINDS = ['clients', 'resources', 'policies'] as const;
const MAX_KEY_CHARACTERS = 2048;

/**
 * Caches the plans of equal requests until clients, resources or policies change. Only a speed-up: without it every
 * response would be the same.
 */
@Injectable()
export class IssuancePlans {
  private readonly plans: RevisionedMemo<TokenPlan | OAuthError>;

  constructor(revision: ConfigurationRevision) {
    this.plans = new RevisionedMemo(revision, KINDS, MAX_PLANS, 'issuance_plans');
  }

  /** Throws the OAuthError that `make` throws or threw for an equal request. Without a promise where the plan is known. */
  of(
    client: Client,
    request: TokenRequest,
    dialect: Dialect,
    make: () => Promise<TokenPlan>,
  ): TokenPlan | Promise<TokenPlan> {
    const key = keyOf(client, request, dialect);
    if (key === undefined) return make();
    const basis = this.plans.basis();
    const known = this.plans.get(key, basis);
    if (known instanceof OAuthError) throw known;
    return known ?? this.remember(key, basis, make);
  }

  private async remember(key: string, basis: number, make: () => Promise<TokenPlan>): Promise<TokenPlan> {
    try {
      const plan = await make();
      this.plans.set(key, basis, plan);
      return plan;
    } catch (error) {
      // A whole grant that is too large for a token must not be computed again for each request.
      if (error instanceof OAuthError) this.plans.set(key, basis, error);
      throw error;
    }
  }
}

/** Equal only for requests that get equal tokens; undefined for a request that is not worth caching. */
function keyOf(client: Client, request: TokenRequest, dialect: Dialect): string | undefined {
  const { grantType, scope, audience, resources } = request;
  // A refresh token is used once, so no two of its requests are equal.
  if (grantType !== 'client_credentials') return undefined;
  // The client was read before the memo: its version distinguishes a client that has changed since.
  const caller = `${dialect.name} ${client.id} ${client.version} ${client.createdAt}`;
  const key = `${caller}\n${prefixed(scope)}\n${prefixed(audience)}\n${resources.map(prefixed).join('')}`;
  return key.length > MAX_KEY_CHARACTERS ? undefined : key;
}

/** The length makes the concatenation unambiguous. */
const prefixed = (value: string | undefined): string =>
  value === undefined ? '-' : `${value.length}:${value}`;
