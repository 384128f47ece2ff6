/** Two looks at one clock differ by no more: the time of the look itself, and NTP's slewing. */
const TOLERANCE_MILLISECONDS = 1000;
/** Of what one look says: the next one says it again, if it was not the look itself that took long. */
const SHARE_TAKEN = 0.25;
/** A clock that has jumped is followed when it still says so after this. */
const FOLLOWED_AFTER_MILLISECONDS = 60_000;

/** What a look has found: the clock agrees, has just jumped, is away still, is back, or is followed from now on. */
export type Observation = 'agrees' | 'jumped' | 'away' | 'back' | 'followed';

interface Jump {
  milliseconds: number;
  since: number;
}

/**
 * A time of day that goes on by the process' monotonic clock, and follows another clock (the database's, or the
 * machine's) once that has jumped for good. So a jump that lasts a moment moves nothing.
 */
export class SteadyClock {
  /** What the other clock is ahead of the monotonic one. */
  private offset: number | undefined;
  private jump: Jump | undefined;

  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  /** `at`: when by the monotonic clock it said so. */
  observe(time: number, at = this.monotonic()): Observation {
    const offset = time - at;
    if (this.offset === undefined) {
      this.offset = offset;
      return 'agrees';
    }
    const milliseconds = offset - this.offset;
    if (Math.abs(milliseconds) <= TOLERANCE_MILLISECONDS) {
      const observation = this.jump ? 'back' : 'agrees';
      this.jump = undefined;
      this.offset += milliseconds * SHARE_TAKEN;
      return observation;
    }
    if (!this.jump || Math.abs(this.jump.milliseconds - milliseconds) > TOLERANCE_MILLISECONDS) {
      this.jump = { milliseconds, since: at };
      return 'jumped';
    }
    if (at - this.jump.since < FOLLOWED_AFTER_MILLISECONDS) return 'away';
    this.jump = undefined;
    this.offset = offset;
    return 'followed';
  }

  /** How far the other clock is away, as long as that is not followed. */
  get away(): number {
    return this.jump?.milliseconds ?? 0;
  }

  now(): number {
    if (this.offset === undefined) throw new Error('no clock was observed yet');
    return this.monotonic() + this.offset;
  }
}
