import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engine, onServer } from '../support/database.js';
import { hasScratchServer } from '../support/scratch-database.js';
import { hasDisks } from '../support/small-disk.js';
import { DISK_FAULTS, RESTORE } from './disk-faults.js';
import { type Fault, PROCESS_FAULTS } from './faults.js';
import { NETWORK_FAULTS } from './network-faults.js';
import { isFull, MAX_ROUNDS, NONE, report, sum } from './report.js';
import { World } from './world.js';

/** Nothing hangs; how long it took is part of the report. */
const MAX_RECOVERY_MS = 15_000;

const faults = [...PROCESS_FAULTS, ...NETWORK_FAULTS, ...DISK_FAULTS, RESTORE].filter(
  ({ engines, needsDisk, short }) =>
    engines.includes(engine) && (!needsDisk || hasDisks) && (isFull || short),
);

describe('A confirmed result', {
  timeout: isFull ? 3_600_000 : 120_000,
  skip: onServer && !hasScratchServer,
}, () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open();
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
    report(fault.name, rounds, { ...total, stale, recoveryMs: slowestMs });
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
    report('all of them, once more at the end', 1, { ...verdict, lost, risen, stale: 0 });
    expect([lost, risen]).toEqual([0, 0]);
    expect(await world.corruption()).toEqual([]);
  });
});
