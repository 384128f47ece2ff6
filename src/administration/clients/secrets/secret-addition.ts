import { Injectable } from '@nestjs/common';
import type { ClientSecret } from '../../../clients/client-secret.entity.js';
import { ClientSecrets, isLive } from '../../../clients/client-secrets.js';
import { ClientSecretsRepository } from '../../../clients/client-secrets.repository.js';
import { makeSecret } from '../../../crypto/handle.js';
import { assertNoFaults, conflict } from '../../../protocol/problem.js';
import type { Caller } from '../../access/permissions.js';
import type { Preconditions } from '../../configuration/preconditions.js';
import type { ShownClient } from '../shown-clients.js';
import { assertNotEnded } from './replaced-secrets.js';
import { SecretChanges } from './secret-changes.js';
import { SecretStrength } from './secret-strength.js';

/** Each is compared with a presented one, which costs tens of milliseconds for a chosen secret. */
export const MAX_VALID_SECRETS = 10;

export interface NewSecret {
  /** A chosen one; absent: one is generated. */
  secret: string | undefined;
  description: string | undefined;
  expiresAt: number | null;
}

export interface AddedSecret {
  client: ShownClient;
  secretId: string;
  /** If it was generated. */
  madeSecret: string | undefined;
}

/** Gives a client one more secret beside those it has. */
@Injectable()
export class SecretAddition {
  constructor(
    private readonly stored: ClientSecretsRepository,
    private readonly changes: SecretChanges,
    private readonly secrets: ClientSecrets,
    private readonly strength: SecretStrength,
  ) {}

  async add(
    caller: Caller,
    id: string,
    secret: NewSecret,
    preconditions: Preconditions,
  ): Promise<AddedSecret> {
    const madeSecret = secret.secret === undefined ? makeSecret() : undefined;
    const plain = secret.secret ?? (madeSecret as string);
    const made = await this.secrets.make(id, plain);
    const row = { ...made, expiresAt: secret.expiresAt, description: secret.description ?? null };
    const known = secret.secret === undefined ? undefined : await this.findIn(id, plain);
    const client = await this.changes.make(caller, id, preconditions, {
      action: 'client.add-secret',
      detail: { secret_id: row.id },
      apply: async ({ grantTypes }) => {
        assertNoFaults(await this.strength.faultsOf(id, { secret: secret.secret, grant_types: grantTypes }));
        const kept = await this.stored.of(id);
        assertNew(known, kept);
        if (kept.filter(isLive).length >= MAX_VALID_SECRETS) {
          throw conflict(`the client ${id} has ${MAX_VALID_SECRETS} valid secrets: end one of them first`);
        }
        await this.stored.add(row);
      },
    });
    return { client, secretId: row.id, madeSecret };
  }

  private async findIn(id: string, plain: string): Promise<ClientSecret | undefined> {
    return this.secrets.find(plain, await this.stored.of(id));
  }
}

/** A secret has one end and one description, and an ended one never becomes valid again unnoticed. */
function assertNew(known: ClientSecret | undefined, kept: readonly ClientSecret[]): void {
  if (!known) return;
  const same = kept.find(({ id }) => id === known.id);
  if (same && isLive(same)) throw conflict(`the client has this secret already, with the id ${same.id}`);
  assertNotEnded({ known }, kept);
}
