import { Injectable } from '@nestjs/common';
import { Notices } from '../../audit/notices/notices.js';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { Outage } from '../../database/outage.js';
import { BackgroundJob } from '../../runtime/background-job.js';
import { EventCursors } from '../event-cursors.js';
import { ExpiryWatch } from './expiry-watch.js';
import { RefusalWatch } from './refusal-watch.js';
import { UnusedWatch } from './unused-watch.js';

const CHECK_INTERVAL_MS = { busy: 20, idle: 2000 };
const LOOK_INTERVAL_MS = 10_000;
/** Checks take at most this share of the time, however many objects there are. */
const MAX_SHARE = 0.05;

/** Checks every ten seconds, in one process, for expiries, unused clients and spikes of refusals. */
@Injectable()
export class WatchJob extends BackgroundJob {
  constructor(
    private readonly cursors: EventCursors,
    private readonly notices: Notices,
    private readonly expiry: ExpiryWatch,
    private readonly refusals: RefusalWatch,
    private readonly unused: UnusedWatch,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: CHECK_INTERVAL_MS,
      failureMessage: 'watch for expiry and refusals failed and will be retried',
    });
  }

  override onApplicationBootstrap(): void {
    if (this.notices.enabled) this.start(CHECK_INTERVAL_MS.busy);
  }

  protected async step(): Promise<boolean> {
    // A clock that has jumped would announce the end of everything.
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const cursor = await this.cursors.claim(await this.cursors.read('watch'));
    if (!cursor) return false;
    const began = performance.now();
    await this.expiry.look(now);
    await this.refusals.look(now);
    await this.unused.look(now);
    await this.notices.removeMarks(now);
    const pause = Math.max(LOOK_INTERVAL_MS, (performance.now() - began) / MAX_SHARE);
    await this.cursors.release(cursor, 0, Math.round(pause));
    return false;
  }
}
