import { SlowLane } from '../../crypto/slow-lane.js';

interface PerHostSlot {
  lane: SlowLane;
  jobs: number;
}

/** A concurrency limit per host, so that no host occupies all slots. */
export class PerHostLimiter {
  private readonly lanes = new Map<string, PerHostSlot>();

  constructor(private readonly laneOf: () => SlowLane) {}

  async run<T>(host: string, job: () => Promise<T>, longestWaitMilliseconds: number): Promise<T> {
    const slot = this.lanes.get(host) ?? { lane: this.laneOf(), jobs: 0 };
    this.lanes.set(host, slot);
    slot.jobs++;
    try {
      return await slot.lane.run(job, longestWaitMilliseconds);
    } finally {
      if (--slot.jobs === 0) this.lanes.delete(host);
    }
  }
}
