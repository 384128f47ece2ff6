import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../config/log.js';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { Outage } from './outage.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const gone = (code = 'ECONNREFUSED') => new TemporarilyUnavailable(Object.assign(new Error('x'), { code }));

const [audit, sweep, heartbeat] = [{ name: 'audit' }, { name: 'sweep' }, { name: 'pulse' }];

function anOutage() {
  const lines: string[] = [];
  const say = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log = { warn: say('warn'), info: say('info'), debug: () => undefined } as unknown as Log;
  return { outage: new Outage(log), lines };
}

const BEGUN = 'warn database unreachable {"code":"ECONNREFUSED"}';
const ENDED = 'info database reachable again {}';

describe('An outage of the database', () => {
  it('logs an outage and its end once, however much fails meanwhile', () => {
    const { outage, lines } = anOutage();
    for (let n = 0; n < 40; n++) for (const by of [audit, sweep]) outage.failed(by, gone(), 'not done');
    outage.succeeded(sweep);
    expect(lines).toEqual([BEGUN]);
    outage.succeeded(audit);
    outage.succeeded(sweep);
    expect(lines).toEqual([BEGUN, ENDED]);
  });

  it('lasts until the monitoring component succeeds, whichever component noticed it first', () => {
    const { outage, lines } = anOutage();
    outage.failed(audit, gone(), 'not done');
    outage.detected(heartbeat, 'ECONNREFUSED');
    outage.succeeded(audit);
    expect(lines).toEqual([BEGUN]);
    outage.succeeded(heartbeat);
    expect(lines).toEqual([BEGUN, ENDED]);
  });

  it('is logged although another component failed long before and has been idle since', () => {
    const { outage, lines } = anOutage();
    outage.failed(audit, gone(), 'not done');
    vi.advanceTimersByTime(61_000);
    for (let n = 0; n < 100; n++) {
      outage.detected(heartbeat, 'ECONNREFUSED');
      vi.advanceTimersByTime(1000);
    }
    expect(lines).toEqual([BEGUN, BEGUN]);
  });

  it("ends after a minute with another component's success, if none monitors", () => {
    const { outage, lines } = anOutage();
    outage.failed(audit, gone(), 'not done');
    vi.advanceTimersByTime(61_000);
    outage.succeeded(sweep);
    expect(lines).toEqual([BEGUN, ENDED]);
    outage.detected(heartbeat, 'ECONNREFUSED');
    vi.advanceTimersByTime(61_000);
    outage.succeeded(sweep);
    expect(lines).toEqual([BEGUN, ENDED, BEGUN]);
  });

  it('limits request logs to one a second until it is noticed, and to none after', () => {
    const { outage } = anOutage();
    const levels = [outage.levelOf(gone()), outage.levelOf(gone()), outage.levelOf(new TypeError())];
    expect(levels).toEqual(['warn', 'debug', 'error']);
    vi.advanceTimersByTime(1000);
    expect(outage.levelOf(gone())).toBe('warn');
    vi.advanceTimersByTime(1000);
    outage.detected(heartbeat, 'ECONNREFUSED');
    expect(outage.levelOf(gone())).toBe('debug');
  });

  it('logs lock waits at a lower level, since they are no fault of the server', () => {
    const { outage } = anOutage();
    for (const code of ['SQLITE_BUSY', 'ER_LOCK_WAIT_TIMEOUT']) {
      const busy = new TemporarilyUnavailable({ code });
      expect([outage.levelOf(busy), outage.levelOf(busy)]).toEqual(['warn', 'debug']);
      vi.advanceTimersByTime(1000);
    }
    expect(outage.levelOf(new TemporarilyUnavailable())).toBe('warn');
  });

  it.each([
    ['a fault of our own', new TypeError('with a value'), 'TypeError'],
    ['a database that is busy', gone('SQLITE_BUSY'), 'Error'],
  ])('does not begin with %s, which is always logged without its message', (_, error, fault) => {
    const { outage, lines } = anOutage();
    outage.failed(audit, error, 'not done');
    outage.failed(audit, error, 'not done');
    expect(lines).toEqual([`warn not done {"fault":"${fault}"}`, `warn not done {"fault":"${fault}"}`]);
  });
});
