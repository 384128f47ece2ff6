import type { FastifyReply } from 'fastify';
import type { Cells, Count, Distribution } from '../../metrics/cells.js';
import type { Metrics } from '../../metrics/metrics.js';
import type { ObservedRequest } from '../request/observed-request.js';
import { dialectOf, kindOf, OBSERVED_PATHS, ROUTE_KINDS, type RouteKind } from './observed-routes.js';
import { ResultCounter } from './result-counter.js';

const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Reported before their first occurrence, because a rate does not see the step from no series to a first one. */
const FAILURES = [500, 503];

/** The metrics of one route, bound to its labels once: a request looks them up and creates none. */
interface RouteMetrics {
  duration: Distribution;
  responses: Map<number, Count>;
  kind: RouteKind;
  results: ResultCounter | undefined;
}

/** Counts and times responses. Labels are fixed words: a path, an id or a scope of a request never becomes one. */
export class RequestMetrics {
  private readonly byRoute = new Map<string | undefined, RouteMetrics>();
  private readonly durations: Cells<Distribution>;
  private readonly responses: Cells<Count>;
  private readonly results: ReadonlyMap<RouteKind, Cells<Count>>;

  constructor(metrics: Metrics) {
    const duration = {
      name: 'latchkey_request_duration_seconds',
      help: 'Time from the headers of a request to the end of its response.',
    };
    this.durations = metrics.histogram(duration, LATENCY_SECONDS);
    this.responses = metrics.counter({
      name: 'latchkey_responses_total',
      help: 'Responses by HTTP status.',
      labels: ['endpoint', 'status'],
    });
    this.results = new Map(RESULTS.map(([kind, definition]) => [kind, metrics.counter(definition)]));
    for (const path of OBSERVED_PATHS) this.routeOf(path);
    for (const kind of ROUTE_KINDS)
      for (const status of FAILURES) this.responses.bind({ endpoint: kind, status: String(status) });
  }

  /** Called when a response has been sent. */
  observe(request: ObservedRequest, reply: FastifyReply): void {
    const { url } = request.routeOptions;
    const route = this.byRoute.get(url) ?? this.routeOf(url);
    const { statusCode: status } = reply;
    route.duration.observe(reply.elapsedTime / 1000);
    (route.responses.get(status) ?? this.bind(route, status)).add();
    route.results?.add(status, request.result);
  }

  private routeOf(url: string | undefined): RouteMetrics {
    const kind = kindOf(url);
    const counter = this.results.get(kind);
    const route: RouteMetrics = {
      kind,
      duration: this.durations.bind({ endpoint: kind }),
      responses: new Map(),
      results: counter && new ResultCounter(counter, baseOf(kind, url)),
    };
    this.byRoute.set(url, route);
    return route;
  }

  private bind({ kind, responses }: RouteMetrics, status: number): Count {
    const counter = this.responses.bind({ endpoint: kind, status: String(status) });
    responses.set(status, counter);
    return counter;
  }
}

const RESULTS = [
  [
    'token',
    {
      name: 'latchkey_tokens_total',
      help: 'Token requests by result.',
      labels: ['dialect', 'format', 'outcome', 'reason'],
    },
  ],
  [
    'introspection',
    {
      name: 'latchkey_introspections_total',
      help: 'Introspection requests by result.',
      labels: ['dialect', 'outcome', 'reason'],
    },
  ],
  [
    'revocation',
    {
      name: 'latchkey_revocations_total',
      help: 'Revocation requests by result.',
      labels: ['dialect', 'outcome', 'reason'],
    },
  ],
  [
    'verify',
    {
      name: 'latchkey_verifications_total',
      help: 'Requests to /auth/verify by result.',
      labels: ['outcome', 'reason'],
    },
  ],
] as const;

function baseOf(kind: RouteKind, url = ''): Readonly<Record<string, string>> {
  if (kind === 'verify') return {};
  return { dialect: dialectOf(url), ...(kind === 'token' ? { format: 'none' } : {}) };
}
