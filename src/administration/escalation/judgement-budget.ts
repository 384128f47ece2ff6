import { forbidden } from '../../protocol/bearer-error.js';

/** About a quarter of a second of decisions, in the write's transaction. */
const MAX_LOOKUPS = 200_000;

/** Limits the lookups in policies that judging one write may take. Exceeding it throws 403. */
export class JudgementBudget {
  private lookups = 0;

  spend(lookups: number): void {
    this.lookups += lookups;
    if (this.lookups > MAX_LOOKUPS) throw tooMuch();
  }
}

const tooMuch = () =>
  forbidden(
    'what this would let clients have takes too long to determine: change fewer operations at once, or let an administrator of every own type write it',
  );
