import { defineConfig } from 'vitest/config';

// For machines under load; a test that waits says itself for how long. DynamoDB Local is ten times slower than dynoxide, and
// some tests repeat a race two hundred times.
const patience = process.env.DYNAMODB_ENGINE === 'dynamodb-local' ? 900_000 : 360_000;
const slow = { testTimeout: patience, hookTimeout: patience };

export default defineConfig({
  test: {
    // Tests wait for engines and functions in other processes most of the time, so two cores take three workers.
    maxWorkers: 3,
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      // Without isolation all files of a worker load their modules once. Only faults replace parts of modules that they share.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, ...slow } },
      { test: { name: 'faults', include: ['test/faults/**/*.test.ts'], ...slow } },
      { test: { name: 'infra', include: ['test/infra/**/*.test.ts'], isolate: false, ...slow } },
      { test: { name: 'local', include: ['test/local/**/*.test.ts'], ...slow } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          isolate: false,
          globalSetup: 'test/support/engine.ts',
          ...slow,
        },
      },
      {
        test: {
          name: 'api',
          include: ['test/api/**/*.test.ts'],
          isolate: false,
          globalSetup: 'test/support/api/stack.ts',
          ...slow,
        },
      },
    ],
  },
});
