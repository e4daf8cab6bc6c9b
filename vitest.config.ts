import { defineConfig } from 'vitest/config';

// For machines under load; a test that waits says itself for how long.
const slow = { testTimeout: 180_000, hookTimeout: 180_000 };

export default defineConfig({
  test: {
    // Most of a test is waiting for engines that run beside it: one worker per core, not one less.
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['test/{unit,faults}/**/*.test.ts'], ...slow } },
      // Without isolation the CDK, which is slow to load, is loaded once for all files.
      { test: { name: 'infra', include: ['test/infra/**/*.test.ts'], isolate: false, ...slow } },
      { test: { name: 'local', include: ['test/local/**/*.test.ts'], ...slow } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: 'test/support/engine.ts',
          ...slow,
        },
      },
      { test: { name: 'api', include: ['test/api/**/*.test.ts'], globalSetup: 'test/support/api/stack.ts', ...slow } },
    ],
  },
});
