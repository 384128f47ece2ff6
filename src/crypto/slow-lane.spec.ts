import { describe, expect, it } from 'vitest';
import { SlowLane } from './slow-lane.js';

/** A job that ends when the test says so. */
function heldJob() {
  let finish = (_value: string) => {};
  let fail = (_error: Error) => {};
  let started = false;
  const held = new Promise<string>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const run = () => {
    started = true;
    return held;
  };
  return {
    run,
    finish: (value = 'done') => finish(value),
    fail: (error: Error) => fail(error),
    started: () => started,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const tooMany = () => new Error('too many');

describe('SlowLane', () => {
  it('runs as many jobs at once as it has lanes, the next when one ends, in the order of their coming', async () => {
    const lane = new SlowLane(2, 10, tooMany);
    const jobs = Array.from({ length: 4 }, heldJob);
    const results = jobs.map((job) => lane.run(job.run));
    await turn();
    expect(jobs.map((job) => job.started())).toEqual([true, true, false, false]);
    jobs[1]!.finish('second');
    await turn();
    expect(jobs.map((job) => job.started())).toEqual([true, true, true, false]);
    jobs[0]!.finish('first');
    await turn();
    expect(jobs.map((job) => job.started())).toEqual([true, true, true, true]);
    jobs[2]!.finish('third');
    jobs[3]!.finish('fourth');
    expect(await Promise.all(results)).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('gives the lane on when a job fails', async () => {
    const lane = new SlowLane(1, 1, tooMany);
    const failing = heldJob();
    const first = lane.run(failing.run);
    const second = lane.run(async () => 'second');
    failing.fail(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    expect(await second).toBe('second');
    expect(await lane.run(async () => 'third')).toBe('third');
  });

  it('refuses a job when as many wait as may, and takes the next one after that (L07, ASVS 13.2.6)', async () => {
    const lane = new SlowLane(1, 1, tooMany);
    const running = heldJob();
    const first = lane.run(running.run);
    const waiting = lane.run(async () => 'waited');
    const refused = heldJob();
    await expect(lane.run(refused.run)).rejects.toThrow('too many');
    running.finish();
    expect(await Promise.all([first, waiting])).toEqual(['done', 'waited']);
    expect(refused.started()).toBe(false);
    expect(await lane.run(async () => 'later')).toBe('later');
  });

  it('refuses a job that has waited for too long, and gives its place in the line to nobody', async () => {
    const lane = new SlowLane(1, 1, tooMany);
    const running = heldJob();
    const first = lane.run(running.run);
    const late = heldJob();
    await expect(lane.run(late.run, 10)).rejects.toThrow('too many');
    const next = lane.run(async () => 'next', 10_000);
    running.finish();
    expect(await Promise.all([first, next])).toEqual(['done', 'next']);
    expect(late.started()).toBe(false);
  });
});
