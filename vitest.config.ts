import { defineConfig } from 'vitest/config';

const engine = process.env.LATCHKEY_TEST_ENGINE ?? 'sqlite';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    globals: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.spec.ts', 'packages/guard/src/**/*.spec.ts'],
          setupFiles: ['reflect-metadata'],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e-spec.ts', 'test/**/*.spec.ts'],
          exclude: engine === 'sqlite' ? [] : ['test/once/**'],
        },
      },
    ],
  },
});
