import type { Answered, Asked, Entry } from './journal.js';

/** What must hold for a token: `unknown` where a request that would change it had no answer, or a refusal. */
export type State = 'active' | 'closed' | 'unknown';

export interface Token {
  access: string;
  refresh?: string;
  family: Family;
  /** Of the access token. */
  state: State;
  /** Of the refresh token. */
  refreshState: State;
}

interface Family {
  tokens: Token[];
}

export interface Counts {
  issued: number;
  refreshed: number;
  closed: number;
  unknown: number;
}

export interface Expectation {
  tokens: Token[];
  counts: Counts;
}

/** Derives from a journal what every node must say of every token that was issued. */
export function expectationOf(entries: readonly Entry[]): Expectation {
  const reading = new Reading();
  const asked = new Map<number, Asked>();
  for (const entry of entries) {
    if ('ended' in entry) reading.end();
    else if ('action' in entry) {
      asked.set(entry.id, entry);
      reading.doubt(entry);
    } else {
      const request = asked.get(entry.id);
      asked.delete(entry.id);
      if (request) reading.settle(request, entry);
    }
  }
  reading.counts.unknown += asked.size;
  return { tokens: reading.tokens, counts: reading.counts };
}

class Reading {
  readonly tokens: Token[] = [];
  readonly counts: Counts = { issued: 0, refreshed: 0, closed: 0, unknown: 0 };
  private readonly byAccess = new Map<string, Token>();
  private readonly byRefresh = new Map<string, Token>();

  /** From the moment it is sent, a request may take effect. */
  doubt(request: Asked): void {
    for (const change of this.changes(request)) change('unknown');
  }

  settle(request: Asked, { status, access, refresh }: Answered): void {
    if (status === undefined || status >= 300) {
      this.counts.unknown++;
      return;
    }
    for (const change of this.changes(request)) change('closed');
    if (request.action === 'revoke' || request.action === 'close') this.counts.closed++;
    else if (access !== undefined) this.issue(request, access, refresh);
  }

  end(): void {
    for (const token of this.tokens) {
      token.state = 'closed';
      token.refreshState = 'closed';
    }
  }

  private issue({ action, of }: Asked, access: string, refresh: string | undefined): void {
    const family = this.byRefresh.get(of ?? '')?.family ?? { tokens: [] };
    const token: Token = { access, family, state: 'active', refreshState: 'active' };
    if (refresh !== undefined) {
      token.refresh = refresh;
      this.byRefresh.set(refresh, token);
    }
    family.tokens.push(token);
    this.byAccess.set(access, token);
    this.tokens.push(token);
    this.counts[action === 'refresh' ? 'refreshed' : 'issued']++;
  }

  /** What a request changes if it takes effect; what is closed stays closed. */
  private changes({ action, of = '' }: Asked): ((to: State) => void)[] {
    const access = (token: Token) => (to: State) => {
      if (token.state !== 'closed') token.state = to;
    };
    const refresh = (token: Token) => (to: State) => {
      if (token.refreshState !== 'closed') token.refreshState = to;
    };
    const token = action === 'refresh' ? this.byRefresh.get(of) : this.byAccess.get(of);
    if (!token) return [];
    if (action === 'revoke') return [access(token)];
    if (action === 'refresh') return [refresh(token)];
    // Closing a session closes its family.
    return token.family.tokens.flatMap((one) => [access(one), refresh(one)]);
  }
}
