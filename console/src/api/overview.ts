import type { Reference } from './documents.ts';

export const OVERVIEW = '/$overview';

interface Activity {
  issued: number;
  refused: number;
  failed: number;
  latency_ms?: { p50: number; p99: number };
}

export interface Minute extends Activity {
  start: string;
}

export interface Ending {
  client: Reference;
  secret?: string;
  description?: string;
  end: string;
  last_used?: string;
}

export interface QuotaUse {
  client: Reference;
  window: 'per_hour' | 'per_day';
  quota: number;
  used: number;
  enforced: boolean;
  end: string;
}

/** The state of the server, from `GET /$overview`. */
export interface Overview {
  tokens: Activity & { refusals: { reason: string; count: number }[]; minutes: Minute[] };
  processes: { counted: number; configured: number };
  clients: { total: number; active: number; unused: { days: number; total: number } };
  ending: { days: number; total: number; next: Ending[]; certificate?: { end: string } };
  quotas: QuotaUse[];
  audit_chain: { events: number; breaks: number; last_break?: string };
  database: { engine: string; ready: boolean; status?: string; clock_skew_ms: number };
}
