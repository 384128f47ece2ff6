/** Two readings of one clock differ by at most this: the time of the reading itself, and NTP's slewing. */
const TOLERANCE_MILLISECONDS = 1000;
/**
 * The share of a deviation that one reading corrects: the next reading shows it again unless this one was just slow.
 */
const SHARE_TAKEN = 0.25;
/** A clock that has jumped is followed if it still deviates after this. */
const FOLLOWED_AFTER_MILLISECONDS = 60_000;

/**
 * What a reading found: the clock agrees, has just jumped, still deviates, agrees again, or is followed from now on.
 */
export type Observation = 'agrees' | 'jumped' | 'away' | 'back' | 'followed';

interface Jump {
  milliseconds: number;
  since: number;
}

/**
 * A time of day that advances with the process's monotonic clock, and follows another clock (the database's or the
 * machine's) once that has jumped permanently. A short jump changes nothing.
 */
export class SteadyClock {
  /** How far the other clock is ahead of the monotonic one. */
  private offset: number | undefined;
  private jump: Jump | undefined;

  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  /** `at`: the monotonic time of the reading. */
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

  /** How far the other clock deviates while it is not followed. */
  get away(): number {
    return this.jump?.milliseconds ?? 0;
  }

  now(): number {
    if (this.offset === undefined) throw new Error('no clock was observed yet');
    return this.monotonic() + this.offset;
  }
}
