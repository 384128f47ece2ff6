import { Injectable } from '@nestjs/common';
import { Log } from '../../config/log.js';
import { Outage } from '../../database/outage.js';
import { BackgroundJob } from '../../runtime/background-job.js';
import { AuditChain } from './audit-chain.js';

const CHECKPOINT_INTERVAL_MS = 3600 * 1000;

/** Logs a checkpoint of the chain at the start and every hour, so that a chain restored from a backup is noticed. */
@Injectable()
export class AuditCheckpoints extends BackgroundJob {
  constructor(
    private readonly chain: AuditChain,
    private readonly log: Log,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: CHECKPOINT_INTERVAL_MS, idle: CHECKPOINT_INTERVAL_MS },
      failureMessage: 'audit checkpoint failed and will be retried',
    });
  }

  override async onApplicationBootstrap(): Promise<void> {
    await this.write();
    this.start();
  }

  async write(): Promise<void> {
    const { sequence, hash } = await this.chain.head();
    this.log.info({ sequence, hash }, 'audit chain checkpoint: keep this line for npm run audit:check');
  }

  protected async step(): Promise<boolean> {
    await this.write();
    return false;
  }
}
