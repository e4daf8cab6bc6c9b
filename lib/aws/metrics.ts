import { Metrics } from '@aws-lambda-powertools/metrics';

/** Metrics by CloudWatch's embedded format: lines of the log, no calls. A file of its own: not every function has any. */
export const metrics = new Metrics();
