import { SlowLane } from '../../crypto/slow-lane.js';

interface PerHostSlot {
  lane: SlowLane;
  jobs: number;
}

/** A lane for each host that anything is done at, so that no host takes the places of all others. */
export class PerHostLimiter {
  private readonly lanes = new Map<string, PerHostSlot>();

  constructor(private readonly laneOf: () => SlowLane) {}

  async run<T>(host: string, job: () => Promise<T>, longestWaitMilliseconds: number): Promise<T> {
    const at = this.lanes.get(host) ?? { lane: this.laneOf(), jobs: 0 };
    this.lanes.set(host, at);
    at.jobs++;
    try {
      return await at.lane.run(job, longestWaitMilliseconds);
    } finally {
      if (--at.jobs === 0) this.lanes.delete(host);
    }
  }
}
