import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InFlightAttempts } from './in-flight-attempts.js';

describe('Attempts in flight', () => {
  it('never exceed the remaining failures, in any order (L01, ASVS 2.4.1)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.record({ fails: fc.boolean(), turns: fc.nat(5) }), { maxLength: 30 }),
        async (max, attempts) => {
          const checks = new InFlightAttempts({ scope: 'pair', key: 'key', max });
          let failures = 0;
          let checking = 0;
          let refused = 0;
          await Promise.all(
            attempts.map(async ({ fails, turns }) => {
              if (!(await checks.enter())) {
                refused++;
                return;
              }
              checking++;
              expect(failures + checking).toBeLessThanOrEqual(max);
              for (let turn = 0; turn < turns; turn++) await Promise.resolve();
              checking--;
              if (fails) checks.update({ failures: ++failures, endsInMilliseconds: 60_000 });
              checks.leave();
            }),
          );
          expect(failures).toBeLessThanOrEqual(max);
          if (refused > 0) expect(failures).toBe(max);
        },
      ),
    );
  });

  it('start again when the window has ended (C15, ASVS 6.3.1)', async () => {
    const checks = new InFlightAttempts({ scope: 'pair', key: 'key', max: 1 });
    checks.update({ failures: 1, endsInMilliseconds: 20 });
    expect(await checks.enter()).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await checks.enter()).toBe(true);
  });
});
