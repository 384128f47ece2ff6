import { setTimeout as sleep } from 'node:timers/promises';
import { NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import type { TestClient } from '../support/registration.js';
import { expectationOf, type Token } from './expectation.js';
import type { Entry } from './journal.js';
import type { Node, Workload } from './workload.js';

const LINES = 8;
const MAX_TRIES = 30;
const RETRY_MS = 100;
const MAX_REFRESH_TOKENS = 40;

export interface Verdict {
  issued: number;
  refreshed: number;
  closed: number;
  unknown: number;
  /** Answered with 200, and not active although nothing was asked to close it. */
  lost: number;
  /** Confirmed as closed or used, and active or usable again. */
  risen: number;
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const line = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: LINES }, line));
}

/** The processes are ready, so a refusal is a moment's. */
async function answerOf(ask: () => Promise<boolean | undefined>): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    const active = await ask();
    if (active !== undefined) return active;
    if (tries === MAX_TRIES) throw new Error('a node does not say whether a token is active');
    await sleep(RETRY_MS);
  }
}

/** Asks every node about every token of these entries. */
export async function judge(
  entries: readonly Entry[],
  nodes: readonly Node[],
  workload: Workload,
): Promise<Verdict> {
  const { tokens, counts } = expectationOf(entries);
  const verdict = { ...counts, lost: 0, risen: 0 };
  await each(tokens, async ({ access, state }) => {
    for (const node of nodes) {
      const active = await answerOf(() => workload.isActive(node, access));
      if (state === 'active' && !active) verdict.lost++;
      if (state === 'closed' && active) verdict.risen++;
    }
  });
  return verdict;
}

/** Tries refresh tokens: an unused one works, a used one never again. Comes last: a used one closes its family. */
export async function judgeRefreshTokens(
  entries: readonly Entry[],
  { url }: Node,
  client: TestClient,
): Promise<Pick<Verdict, 'lost' | 'risen'>> {
  const { tokens } = expectationOf(entries);
  const verdict = { lost: 0, risen: 0 };
  const works = async ({ refresh = '' }: Token) => {
    const fields = { grant_type: 'refresh_token', refresh_token: refresh };
    const { status, text } = await form(url + NATIVE.token, fields, client.basic);
    if (status !== 200 && status !== 400)
      throw new Error(`a refresh token is answered with ${status} ${text}`);
    return status === 200;
  };
  const latest = (state: Token['refreshState']) =>
    tokens.filter((token) => token.refresh && token.refreshState === state).slice(-MAX_REFRESH_TOKENS);
  await each(latest('active'), async (token) => {
    if (!(await works(token))) verdict.lost++;
  });
  await each(latest('closed'), async (token) => {
    if (await works(token)) verdict.risen++;
  });
  return verdict;
}
