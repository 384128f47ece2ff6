import type { Cells, Count } from '../../metrics/cells.js';

type Labels = Readonly<Record<string, string>>;

/** The results of accepted requests. */
const ACCEPTED: Readonly<Record<string, Labels>> = {
  jwt: { outcome: 'issued', format: 'jwt' },
  opaque: { outcome: 'issued', format: 'opaque' },
  active: { outcome: 'active' },
  inactive: { outcome: 'inactive' },
};

/** Reported before their first occurrence, because a rate does not see the step from no series to a first one. */
const FAILURES = ['server_error', 'temporarily_unavailable'];

/** Counts the results of one route; each result is bound to its labels once. */
export class ResultCounter {
  private readonly byResult = new Map<string | number, Count>();

  /** `base`: the labels of all results. */
  constructor(
    private readonly counter: Cells<Count>,
    private readonly base: Labels,
  ) {
    for (const failure of FAILURES) this.bind(500, failure);
  }

  /** `result` is absent where the HTTP layer rejected the request before the endpoint; then the status is the reason. */
  add(status: number, result: string | undefined): void {
    (this.byResult.get(result ?? status) ?? this.bind(status, result)).add();
  }

  private bind(status: number, result: string | undefined): Count {
    const bound = this.counter.bind({ ...this.base, ...labelsOf(status, result) });
    this.byResult.set(result ?? status, bound);
    return bound;
  }
}

function labelsOf(status: number, result: string | undefined): Labels {
  if (status < 400) return { reason: 'none', ...(ACCEPTED[result ?? ''] ?? { outcome: 'accepted' }) };
  return { outcome: status < 500 ? 'refused' : 'failed', reason: result ?? `status_${status}` };
}
