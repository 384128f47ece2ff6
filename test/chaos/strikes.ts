import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fault } from './faults.js';
import { MAX_ROUNDS, NONE, report, sum } from './report.js';
import type { World } from './world.js';

/** Nothing hangs; how long it took is part of the report. */
const MAX_RECOVERY_MS = 15_000;

/** Strikes with each fault as often as it says, and judges after each strike what was confirmed; `route`: how the database is reached. */
export function survives(faults: readonly Fault[], open: () => Promise<World>, route?: string): void {
  const named = (name: string) => (route ? `${name}, ${route}` : name);
  let world: World;

  beforeAll(async () => {
    world = await open();
  }, 240_000);
  afterAll(() => world?.close());

  async function strike({ run, settle }: Fault) {
    await world.workload.during(async () => {
      await world.warm();
      await run(world);
    });
    await settle?.(world);
    const recoveryMs = await world.untilServing(MAX_RECOVERY_MS);
    return { recoveryMs, verdict: await world.judge() };
  }

  it.each(faults)('survives this fault: $name', async (fault) => {
    const rounds = Math.min(fault.rounds, MAX_ROUNDS);
    let total = NONE;
    let slowestMs = 0;
    for (let round = 0; round < rounds; round++) {
      const { recoveryMs, verdict } = await strike(fault);
      total = sum(total, verdict);
      slowestMs = Math.max(slowestMs, recoveryMs);
    }
    const { stale, odd } = world.workload.takeFindings();
    const startMs = world.takeSlowestStart();
    report(named(fault.name), rounds, { ...total, stale, recoveryMs: slowestMs, startMs });
    expect({ lost: total.lost, risen: total.risen, stale, odd }).toEqual({
      lost: 0,
      risen: 0,
      stale: 0,
      odd: [],
    });
    expect(total.issued).toBeGreaterThan(0);
    expect(total.closed).toBeGreaterThan(0);
  });

  it('survives all faults together', async () => {
    await world.workload.during(() => world.warm());
    const verdict = await world.judge(true);
    const refreshTokens = await world.judgeRefreshTokens();
    const lost = verdict.lost + refreshTokens.lost;
    const risen = verdict.risen + refreshTokens.risen;
    report(named('all of them, once more at the end'), 1, { ...verdict, lost, risen, stale: 0 });
    expect([lost, risen]).toEqual([0, 0]);
    expect(await world.corruption()).toEqual([]);
  });
}
