import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FailingAddresses } from './failing-addresses.js';

const URI = 'https://keys.example/jwks';
let failing: FailingAddresses;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  failing = new FailingAddresses();
});

afterEach(() => {
  vi.useRealTimers();
});

/** For how many seconds it is left alone after a failure that took as long. */
const pauseAfter = (tookMilliseconds: number): number => {
  failing.failed(URI, tookMilliseconds);
  let seconds = 0;
  while (failing.isBackingOff(URI)) {
    vi.advanceTimersByTime(1000);
    seconds++;
  }
  return seconds;
};

it('leaves an address that fails at once alone for a second, each time', () => {
  expect([1, 2, 3].map(() => pauseAfter(5))).toEqual([1, 1, 1]);
});

it('leaves an address that fails slowly alone for longer each time, at most for 32 seconds', () => {
  expect(Array.from({ length: 7 }, () => pauseAfter(3000))).toEqual([1, 2, 4, 8, 16, 32, 32]);
});

it('forgets all of it when the address answers, and says nothing of others', () => {
  for (let again = 0; again < 4; again++) failing.failed(URI, 3000);
  expect([failing.has(URI), failing.has(`${URI}?other`)]).toEqual([true, false]);
  failing.succeeded(URI);
  expect([failing.has(URI), failing.isBackingOff(URI), pauseAfter(3000)]).toEqual([false, false, 1]);
});
