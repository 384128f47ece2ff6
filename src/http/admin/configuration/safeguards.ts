import { Injectable } from '@nestjs/common';
import { Administrators } from '../../../policies/administrators.js';
import { Holdings } from '../../../policies/holdings.js';
import { PoliciesRepository } from '../../../policies/policies.repository.js';
import type { Rule } from '../../../policies/policy.js';
import { forbidden } from '../../../protocol/bearer-error.js';
import type { Caller } from '../../../tokens/permissions.js';

/** No one gives what he does not hold, and no one locks everybody out. Asked inside the transaction of a write. */
@Injectable()
export class Safeguards {
  constructor(
    private readonly policies: PoliciesRepository,
    private readonly administrators: Administrators,
  ) {}

  /** Throws 403 at the first rule that the caller's own policies do not cover. */
  async refuseUnheld({ clientId }: Caller, given: readonly Rule[]): Promise<void> {
    const holdings = await this.holdingsOf(clientId);
    const unheld = given.find((rule) => !holdings.covers(rule));
    if (!unheld) return;
    const { resource, identifier, operations } = unheld;
    throw forbidden(
      `the caller does not hold what this gives: ${resource}:${identifier}:${operations.join(',')}`,
    );
  }

  /** Throws 403 when the client holds more than the caller. */
  async refuseStronger({ clientId }: Caller, other: string): Promise<void> {
    const [caller, client] = [await this.holdingsOf(clientId), await this.holdingsOf(other)];
    if (!caller.coversAllOf(client)) throw forbidden(`the client ${other} holds more than the caller`);
  }

  /** Throws 409 when nobody could write policies after this. */
  refuseLockOut(): Promise<void> {
    return this.administrators.refuseLockOut();
  }

  private async holdingsOf(clientId: string): Promise<Holdings> {
    return new Holdings(await this.policies.ofClient(clientId));
  }
}
