import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../audit/audit-trail.js';
import { HandOversRepository } from '../../clients/hand-over/hand-overs.repository.js';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { Outage } from '../../database/outage.js';
import { UnitOfWork } from '../../database/unit-of-work.js';
import { BackgroundJob } from '../../runtime/background-job.js';

const INTERVAL_MS = { busy: 50, idle: 5000 };
const MAX_PER_STEP = 20;

/** Deletes links that expired without being opened, each with its audit event. */
@Injectable()
export class HandOverSweeper extends BackgroundJob {
  constructor(
    private readonly handOvers: HandOversRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly trail: AuditTrail,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    super(outage, { intervalMs: INTERVAL_MS, failureMessage: 'expired hand-overs could not be deleted' });
  }

  protected async step(): Promise<boolean> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const expired = await this.handOvers.expired(now, MAX_PER_STEP);
    for (const { id, clientId, secretId } of expired) {
      await this.unitOfWork.transaction(async () => {
        // Of several processes, the one that deletes it records it.
        if (!(await this.handOvers.remove(id))) return;
        await this.trail.record({
          action: 'hand-over.expire',
          outcome: 'success',
          clientId,
          target: { resourceType: 'Client', id: clientId },
          detail: { secret_id: secretId },
        });
      });
    }
    return expired.length === MAX_PER_STEP;
  }
}
