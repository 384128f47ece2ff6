import { appendFileSync } from 'node:fs';
import { engine } from '../support/database.js';
import type { Verdict } from './verdict.js';

export const isFull = process.env.LATCHKEY_CHAOS === 'full';
/** How often a fault is repeated at most. */
export const MAX_ROUNDS = isFull ? Number(process.env.LATCHKEY_CHAOS_ROUNDS ?? 100) : 1;
const names = (process.env.LATCHKEY_CHAOS_FAULTS ?? '').split('\n').filter(Boolean);
/** Whether the options ask for the fault of this name. */
export const isChosen = (fault: string): boolean =>
  names.length === 0 || names.some((name) => fault.includes(name));
/** Where the counts are gathered for the end of the run. */
const file = process.env.LATCHKEY_CHAOS_REPORT;

export const NONE: Verdict = { issued: 0, refreshed: 0, closed: 0, unknown: 0, lost: 0, risen: 0 };

export const sum = (one: Verdict, other: Verdict): Verdict => ({
  issued: one.issued + other.issued,
  refreshed: one.refreshed + other.refreshed,
  closed: one.closed + other.closed,
  unknown: one.unknown + other.unknown,
  lost: one.lost + other.lost,
  risen: one.risen + other.risen,
});

export function report(fault: string, rounds: number, counts: object): void {
  if (file) appendFileSync(file, `${JSON.stringify({ engine, fault, rounds, ...counts })}\n`);
}
