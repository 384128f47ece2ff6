import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Answer } from './http.js';

/** Three seconds, plus an allowance for a busy machine. */
export const MAX_ANSWER_MS = 3500;

export interface Timed extends Answer {
  milliseconds: number;
}

export async function timed(answer: Promise<Answer>): Promise<Timed> {
  const before = performance.now();
  return { ...(await answer), milliseconds: performance.now() - before };
}

/** Expects 503 with Retry-After within this time. */
export async function refusedInTime(name: string, asked: Promise<Answer>): Promise<Timed> {
  const answer = await timed(asked);
  expect([name, answer.status, answer.headers.get('retry-after')]).toEqual([name, 503, '1']);
  expect(answer.milliseconds, name).toBeLessThan(MAX_ANSWER_MS);
  return answer;
}

/** Repeats the request until the response is 200. Returns how long that took. */
export async function servesAgain(ask: () => Promise<Answer>, maxMs = 10_000): Promise<number> {
  const before = performance.now();
  for (;;) {
    const { status, text } = await ask();
    if (status === 200) return performance.now() - before;
    if (performance.now() - before > maxMs) throw new Error(`it still answers ${status} ${text}`);
    await sleep(50);
  }
}

/** Repeats the request until the response is no longer 200 (it may be cached for a second); each response arrives in time. */
export async function refusedSoon(ask: () => Promise<Answer>, maxMs = 5000): Promise<Answer> {
  const before = performance.now();
  for (;;) {
    const answer = await timed(ask());
    expect(answer.milliseconds).toBeLessThan(MAX_ANSWER_MS);
    if (answer.status !== 200) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      return answer;
    }
    if (performance.now() - before > maxMs) throw new Error('it still answers 200');
    await sleep(50);
  }
}
