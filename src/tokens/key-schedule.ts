import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ClientsRepository } from '../clients/clients.repository.js';
import { Outage } from '../database/outage.js';
import { KeyRotation } from '../keys/key-rotation.service.js';
import type { SigningAlg } from '../protocol/signing-alg.js';
import { ResourcesRepository } from '../resources/resources.repository.js';
import { BackgroundJob } from '../runtime/background-job.js';

/** Soon after a start, so that keys rotate however often a process is restarted; processes do not do it together. */
const AFTER_START_MILLISECONDS = { least: 1000, spread: 2000 };
const HOUR_MILLISECONDS = 3600 * 1000;

/** Has the signing keys tended from time to time, and says which algorithms clients and resources ask for. */
@Injectable()
export class KeySchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly chore: BackgroundJob;

  constructor(
    private readonly rotation: KeyRotation,
    private readonly clients: ClientsRepository,
    private readonly resources: ResourcesRepository,
    outage: Outage,
  ) {
    this.chore = new BackgroundJob(outage, {
      step: () => this.tend(),
      intervalMs: { busy: HOUR_MILLISECONDS, idle: HOUR_MILLISECONDS },
      failureMessage: 'the signing keys were not tended',
    });
  }

  onApplicationBootstrap(): void {
    const { least, spread } = AFTER_START_MILLISECONDS;
    this.chore.start(least + Math.random() * spread);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.chore.stop();
  }

  private async tend(): Promise<boolean> {
    await this.rotation.tend((alg) => this.isAskedFor(alg));
    return false;
  }

  private async isAskedFor(alg: SigningAlg): Promise<boolean> {
    return (await this.clients.anySignsWith(alg)) || (await this.resources.anySignsWith(alg));
  }
}
