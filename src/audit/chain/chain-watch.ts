import { Injectable } from '@nestjs/common';
import { Outage } from '../../database/outage.js';
import { BackgroundJob } from '../../runtime/background-job.js';
import { AuditChain } from './audit-chain.js';

const CHECK_INTERVAL_MS = 10_000;

/** Watches the end of the chain, so that removed events are recorded before others are appended. */
@Injectable()
export class ChainWatch extends BackgroundJob {
  constructor(
    private readonly chain: AuditChain,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: CHECK_INTERVAL_MS, idle: CHECK_INTERVAL_MS },
      failureMessage: 'audit chain check failed and will be retried',
    });
  }

  protected async step(): Promise<boolean> {
    await this.chain.watchEnd();
    return false;
  }
}
