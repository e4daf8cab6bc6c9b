import type { Reporter, TestModule } from 'vitest/node';
import { closingLine } from './suite.ts';

/** Ends vitest's output with the closing line. A file that does not load, or a hook that fails, counts as one failure. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state).length;
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = suites.filter((suite) => suite.errors().length > 0).length;
    const failed = inState('failed') + broken + unhandledErrors.length;
    // A test that was not run, because a hook failed or the run was interrupted, is pending and counts as skipped.
    console.log(closingLine({ passed: inState('passed'), failed, skipped: inState('skipped') + inState('pending') }));
  }
}
