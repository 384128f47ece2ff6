import { Injectable } from '@nestjs/common';
import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import { ClientsRepository } from '../clients/clients.repository.js';
import { Outage } from '../database/outage.js';
import { KeyRotation } from '../keys/key-rotation.service.js';
import { ResourcesRepository } from '../resources/resources.repository.js';
import { BackgroundJob } from '../runtime/background-job.js';

/** Short, so that keys rotate however often a process restarts; random, so that processes do not run at once. */
const START_DELAY_MS = { min: 1000, spread: 2000 };
const HOUR_MILLISECONDS = 3600 * 1000;

/** Runs the maintenance of the signing keys, for the algorithms that clients and resources use. */
@Injectable()
export class KeySchedule extends BackgroundJob {
  constructor(
    private readonly rotation: KeyRotation,
    private readonly clients: ClientsRepository,
    private readonly resources: ResourcesRepository,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: HOUR_MILLISECONDS, idle: HOUR_MILLISECONDS },
      failureMessage: 'signing-key maintenance failed',
    });
  }

  override onApplicationBootstrap(): void {
    const { min, spread } = START_DELAY_MS;
    this.start(min + Math.random() * spread);
  }

  protected async step(): Promise<boolean> {
    await this.rotation.maintain((alg) => this.isUsed(alg));
    return false;
  }

  private async isUsed(alg: SigningAlg): Promise<boolean> {
    return (await this.clients.anySignsWith(alg)) || (await this.resources.anySignsWith(alg));
  }
}
