import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackgroundJob, type JobObserver, type JobSchedule } from './background-job.js';

const BETWEEN = { busy: 20, idle: 1000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class Job extends BackgroundJob {
  constructor(
    observer: JobObserver,
    schedule: JobSchedule,
    protected readonly step: () => Promise<boolean>,
  ) {
    super(observer, schedule);
  }
}

function aJob(step: () => Promise<boolean>, busyShare = 1) {
  const observer = { failed: vi.fn(), succeeded: vi.fn() };
  const job = new Job(observer, { intervalMs: BETWEEN, busyShare, failureMessage: 'not done' }, step);
  return { job, observer };
}

describe('BackgroundJob', () => {
  it('repeats a step soon while there is more to do, and later otherwise', async () => {
    const step = vi.fn().mockResolvedValueOnce(true).mockResolvedValue(false);
    const { job } = aJob(step);
    job.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(BETWEEN.idle - 1);
    expect(step).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(step).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(BETWEEN.busy);
    expect(step).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(BETWEEN.idle - 1);
    expect(step).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(step).toHaveBeenCalledTimes(3);
  });

  it('pauses longer after a long step, within its share of the time', async () => {
    const sleep = () => new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 100));
    const step = vi.fn(sleep);
    const { job } = aJob(step, 0.2);
    job.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(BETWEEN.idle);
    await vi.advanceTimersByTimeAsync(100 + 399);
    expect(step).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(step).toHaveBeenCalledTimes(2);
  });

  it('retries after a failed step, and reports it', async () => {
    const step = vi.fn().mockRejectedValueOnce(new TypeError('with a value')).mockResolvedValue(false);
    const { job, observer } = aJob(step);
    job.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(BETWEEN.idle);
    await vi.advanceTimersByTimeAsync(0);
    expect(observer.failed.mock.calls).toEqual([[job, new TypeError('with a value'), 'not done']]);
    expect(observer.succeeded).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(BETWEEN.idle);
    expect(step).toHaveBeenCalledTimes(2);
    expect(observer.succeeded.mock.calls).toEqual([[job]]);
  });

  it('stops after the running step', async () => {
    let finish = (_: boolean) => {};
    const step = vi.fn(() => new Promise<boolean>((resolve) => (finish = resolve)));
    const { job } = aJob(step);
    job.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(BETWEEN.idle);
    await vi.advanceTimersByTimeAsync(0);
    let stopped = false;
    const stop = job.onApplicationShutdown().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(stopped).toBe(false);
    finish(true);
    await stop;
    await vi.advanceTimersByTimeAsync(BETWEEN.idle);
    expect(step).toHaveBeenCalledTimes(1);
  });
});
