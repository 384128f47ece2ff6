import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InFlightAttempts } from './in-flight-attempts.js';

describe('Checks under way', () => {
  it('are never more than failures are left, whatever the order (L01, ASVS 2.4.1)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.record({ fails: fc.boolean(), turns: fc.nat(5) }), { maxLength: 30 }),
        async (most, attempts) => {
          const checks = new InFlightAttempts({ scope: 'pair', key: 'key', most });
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
              expect(failures + checking).toBeLessThanOrEqual(most);
              for (let turn = 0; turn < turns; turn++) await Promise.resolve();
              checking--;
              if (fails) checks.learn({ failures: ++failures, endsInMilliseconds: 60_000 });
              checks.leave();
            }),
          );
          expect(failures).toBeLessThanOrEqual(most);
          if (refused > 0) expect(failures).toBe(most);
        },
      ),
    );
  });

  it('begin anew when the minute has ended (C15, ASVS 6.3.1)', async () => {
    const checks = new InFlightAttempts({ scope: 'pair', key: 'key', most: 1 });
    checks.learn({ failures: 1, endsInMilliseconds: 20 });
    expect(await checks.enter()).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await checks.enter()).toBe(true);
  });
});
