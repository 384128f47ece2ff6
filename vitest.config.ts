import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const engine = process.env.LATCHKEY_TEST_ENGINE ?? 'sqlite';

/** Files that take a quarter of a minute and more: begun first, so that no worker is left alone with one at the end. */
const LONG = new RegExp(
  [
    'alerts|audit-(chain|credentials|events|sessions)|backup|bounded-labels|broken-storage|chaos|commands.e2e|damaged-keys',
    'development|failed-transactions|former-issuer|frozen|full-disk|fuzz|haproxy|jumps|key-schedule|master-key|nginx',
    'openapi-bounds|preconditions|prometheus|raw-http|refusal-times|restore|rolling-restart|setting-files|sigkill',
    'signing-keys|/start|/stop|stored-secrets|tls|token-quota|unavailable|upgrade|workers|wrong-settings',
  ].join('|'),
);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    // Twice the two cores of a small machine: most tests wait, for a second to pass or a server to start.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    globals: false,
    // Of vitest it is one second, which a busy machine may need for one request.
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
    setupFiles: ['test/support/property-seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.spec.ts', 'packages/*/src/**/*.spec.ts'],
          setupFiles: ['reflect-metadata', 'test/support/property-seed.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          globalSetup: ['test/support/build.ts'],
          include: ['test/**/*.e2e-spec.ts', 'test/**/*.spec.ts'],
          exclude: ['test/timing/**', ...(engine === 'sqlite' ? [] : ['test/once/**'])],
          // The state under test is in servers that each file starts for itself: the process that asks may be kept.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'timing',
          env: { LATCHKEY_TEST_TIMES: 'true' },
          // The machine's noise is the subject.
          retry: 2,
          globalSetup: ['test/support/build.ts'],
          // The others measure the event loop, not what the database takes: once is enough.
          include:
            engine === 'sqlite'
              ? ['test/timing/**/*.e2e-spec.ts', 'test/timing/**/*.spec.ts']
              : [
                  'test/timing/*refusal-times.e2e-spec.ts',
                  'test/timing/{apply-cost,client-search,worst-input}.e2e-spec.ts',
                ],
          exclude: [],
          isolate: false,
        },
      },
    ],
  },
});
