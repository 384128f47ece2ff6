import { setTimeout as sleep } from 'node:timers/promises';
import { NATIVE } from '../support/dialects.js';
import { type Answer, bearer, form, request } from '../support/http.js';
import type { TestClient } from '../support/registration.js';
import type { Action, Journal } from './journal.js';

const LINES = 4;
const PAUSE_MS = 15;
/** A request that gets no answer at all is given up; what it did is unknown. */
const MAX_ANSWER_MS = 8000;

interface Issued {
  access: string;
  refresh: string;
}

export interface Node {
  url: string;
}

/** Clients that issue, refresh, revoke and close at all nodes in turn, and write down what they are answered. */
export class Workload {
  /** Introspections that showed a token as active after another node had confirmed its end. */
  private stale = 0;
  /** Answers that are neither a success nor 503, such as a 500. */
  private odd: string[] = [];
  /** Tokens so far. */
  issued = 0;
  private turn = 0;

  constructor(
    private readonly nodes: readonly Node[],
    private readonly client: TestClient,
    private readonly reader: TestClient,
    private readonly journal: Journal,
  ) {}

  /** Loads the nodes while `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    let running = true;
    const lines = Array.from({ length: LINES }, async (_, line) => {
      for (let round = line; running; round++) {
        await this.round(round % 5);
        await sleep(PAUSE_MS);
      }
    });
    try {
      return await work();
    } finally {
      running = false;
      await Promise.all(lines);
    }
  }

  /** Of the time since the last call. */
  takeFindings(): { stale: number; odd: string[] } {
    const { stale, odd } = this;
    this.stale = 0;
    this.odd = [];
    return { stale, odd };
  }

  private async round(kind: number): Promise<void> {
    const issued = await this.ask('issue', NATIVE.token, { grant_type: 'client_credentials' });
    if (!issued || kind === 0) return;
    if (kind === 1) await this.end('revoke', issued.access);
    if (kind === 2) await this.end('close', issued.access);
    if (kind < 3) return;
    const fields = { grant_type: 'refresh_token', refresh_token: issued.refresh };
    const refreshed = await this.ask('refresh', NATIVE.token, fields, issued.refresh);
    if (refreshed && kind === 4) await this.end('close', refreshed.access);
  }

  private async ask(
    action: Action,
    path: string,
    fields: Record<string, string>,
    of?: string,
  ): Promise<Issued | undefined> {
    const { url } = this.next();
    const id = this.journal.asked(action, of);
    const answer = await this.send(() => form(url + path, fields, this.client.basic));
    const { access_token: access, refresh_token: refresh } = answer?.status === 200 ? answer.body : {};
    this.journal.answered({ id, ...(answer ? { status: answer.status } : {}), access, refresh });
    if (access === undefined) return undefined;
    this.issued++;
    return { access, refresh };
  }

  private async end(action: 'revoke' | 'close', access: string): Promise<void> {
    const node = this.next();
    const id = this.journal.asked(action, access);
    const answer = await this.send(() =>
      action === 'revoke'
        ? form(`${node.url}/auth/revoke`, { token: access }, this.client.basic)
        : request(`${node.url}/Session`, { method: 'DELETE', headers: bearer(access) }),
    );
    this.journal.answered({ id, ...(answer ? { status: answer.status } : {}) });
    if (!answer || answer.status >= 300) return;
    for (const other of this.nodes) if (await this.isActive(other, access)) this.stale++;
  }

  /** Whether a node says so; undefined if it does not say anything. */
  async isActive({ url }: Node, token: string): Promise<boolean | undefined> {
    const answer = await this.send(() => form(`${url}/auth/introspect`, { token }, this.reader.basic));
    return answer?.status === 200 ? answer.body.active : undefined;
  }

  private async send(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    const late = new AbortController();
    const answer = await Promise.race([
      ask().catch(() => undefined),
      sleep(MAX_ANSWER_MS, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    if (answer && answer.status !== 503 && answer.status >= 300)
      this.odd.push(`${answer.status} ${answer.text}`);
    return answer;
  }

  private next(): Node {
    return this.nodes[this.turn++ % this.nodes.length] as Node;
  }
}
