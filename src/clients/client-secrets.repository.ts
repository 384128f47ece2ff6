import { Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull, LessThanOrEqual, MoreThan } from 'typeorm';
import { UnitOfWork } from '../database/unit-of-work.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { ClientSecret } from './client-secret.entity.js';
import { endedAt, isLive } from './client-secrets.js';
import { HandOver } from './hand-over/hand-over.entity.js';

const MAX_ENDED_SECRETS = 10;
/** At once; the next change deletes the rest. */
const MAX_FORGOTTEN_SECRETS = 100;

/** The stored secrets of clients, with a few of those that have ended. */
@Injectable()
export class ClientSecretsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  of(clientId: string): Promise<ClientSecret[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(ClientSecret, { where: { clientId }, order: { createdAt: 'ASC', id: 'ASC' } }),
    );
  }

  ofMany(clientIds: readonly string[]): Promise<ClientSecret[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(ClientSecret, {
        where: { clientId: In([...clientIds]) },
        order: { createdAt: 'ASC', id: 'ASC' },
      }),
    );
  }

  async hasLive(clientId: string, secretId: string): Promise<boolean> {
    const secret = await this.unitOfWork.query((manager) =>
      manager.findOneBy(ClientSecret, { id: secretId, clientId }),
    );
    return secret !== null && isLive(secret);
  }

  /**
   * Replaces the valid secrets by these. One that a rotation has ended or given an end is kept as ended, so that a
   * document which still contains it is recognised. Links for further secrets end.
   */
  async replace(clientId: string, secrets: readonly ClientSecret[]): Promise<void> {
    const now = nowMilliseconds();
    await this.unitOfWork.query(async (manager) => {
      await manager.delete(HandOver, { clientId });
      await manager.delete(ClientSecret, { clientId, expiresAt: IsNull() });
      const ending = { clientId, expiresAt: MoreThan(now) };
      await manager.update(ClientSecret, ending, { expiresAt: endedAt(now) });
      await forgetEnded(manager, clientId, now, MAX_ENDED_SECRETS);
      if (secrets.length > 0) await manager.insert(ClientSecret, [...secrets]);
    });
  }

  /** Deletes every secret, ended ones included, and the links for further ones. */
  async removeAll(clientId: string): Promise<void> {
    await this.unitOfWork.query(async (manager) => {
      await manager.delete(HandOver, { clientId });
      await manager.delete(ClientSecret, { clientId });
    });
  }

  /** Adds a secret; existing ones expire at `endAt`, or at their own expiry if that is earlier; links end. */
  async rotate(secret: ClientSecret, endAt: number): Promise<void> {
    await this.unitOfWork.query(async (manager) => {
      const { clientId } = secret;
      await manager.delete(HandOver, { clientId });
      // One more is about to end.
      await forgetEnded(manager, clientId, secret.createdAt, MAX_ENDED_SECRETS - 1);
      const older = [
        { clientId, expiresAt: IsNull() },
        { clientId, expiresAt: MoreThan(Math.abs(endAt)) },
      ];
      for (const where of older) await manager.update(ClientSecret, where, { expiresAt: endAt });
      await manager.insert(ClientSecret, secret);
    });
  }

  /** Adds a secret beside the others. */
  async add(secret: ClientSecret): Promise<void> {
    await this.unitOfWork.query((manager) => manager.insert(ClientSecret, secret));
  }

  /** Ends one secret, which is remembered like those that a rotation ends. */
  async end(clientId: string, id: string, now: number): Promise<void> {
    await this.unitOfWork.query(async (manager) => {
      await manager.update(ClientSecret, { id, clientId }, { expiresAt: endedAt(now) });
      await forgetEnded(manager, clientId, now, MAX_ENDED_SECRETS);
    });
  }
}

/** Deletes all but the latest of the secrets that have ended. */
async function forgetEnded(
  manager: EntityManager,
  clientId: string,
  now: number,
  kept: number,
): Promise<void> {
  const ended = await manager.find(ClientSecret, {
    where: { clientId, expiresAt: LessThanOrEqual(now) },
    order: { createdAt: 'DESC', id: 'DESC' },
    skip: kept,
    take: MAX_FORGOTTEN_SECRETS,
  });
  if (ended.length > 0) await manager.delete(ClientSecret, { id: In(ended.map(({ id }) => id)) });
}
