import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { HandOver } from '../../clients/hand-over/hand-over.entity.js';
import { HandOversRepository } from '../../clients/hand-over/hand-overs.repository.js';
import { tokenDigest } from '../../crypto/digest.js';
import { makeHandle } from '../../crypto/handle.js';
import { conflict } from '../../protocol/problem.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import type { Caller } from '../access/permissions.js';
import { SecretChanges } from '../clients/secrets/secret-changes.js';
import type { ShownClient } from '../clients/shown-clients.js';
import type { Preconditions } from '../configuration/preconditions.js';
import { isoTime } from '../documents/meta.js';

const MAX_PENDING = 10;

export interface NewHandOver {
  description: string | undefined;
  secretExpiresAt: number | null;
  /** For how long the link can be opened. */
  lifetimeSeconds: number;
}

export interface MadeHandOver {
  client: ShownClient;
  secretId: string;
  /** What opens it. */
  handle: string;
  expiresAt: number;
}

/** Makes a link for a new secret, which only the person who opens it sees. */
@Injectable()
export class HandOverMaking {
  constructor(
    private readonly changes: SecretChanges,
    private readonly handOvers: HandOversRepository,
  ) {}

  async make(
    caller: Caller,
    id: string,
    given: NewHandOver,
    preconditions: Preconditions,
  ): Promise<MadeHandOver> {
    const secretId = randomUUID();
    const handle = makeHandle('handOver', randomUUID());
    const createdAt = nowMilliseconds();
    const expiresAt = createdAt + given.lifetimeSeconds * 1000;
    const { secretExpiresAt, description = null } = given;
    const handOver: HandOver = {
      ...{ id: tokenDigest(handle), clientId: id, secretId, description, secretExpiresAt },
      ...{ madeBy: caller.clientId, createdAt, expiresAt },
    };
    const client = await this.changes.make(caller, id, preconditions, {
      action: 'hand-over.make',
      detail: { secret_id: secretId, expires: isoTime(expiresAt) },
      apply: async () => {
        if ((await this.handOvers.pendingOf(id)).length >= MAX_PENDING) {
          throw conflict(
            `the client ${id} has ${MAX_PENDING} links that were not opened: end one of them first`,
          );
        }
        await this.handOvers.add(handOver);
      },
    });
    return { client, secretId, handle, expiresAt };
  }
}
