import { TooManyRequests } from '../../protocol/too-many-requests.js';

/** Failures are counted per pair of presented id and address, and per address. */
export type FailureScope = 'pair' | 'address';

/** A failure limit is reached. */
export class TooManyFailures extends TooManyRequests {
  constructor(
    milliseconds: number,
    readonly scope: FailureScope,
    readonly registered: boolean,
  ) {
    super('too many failed attempts; try again later', Math.max(1, Math.ceil(milliseconds / 1000)));
  }
}
