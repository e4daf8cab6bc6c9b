import { Metrics } from '@aws-lambda-powertools/metrics';

/**
 * Metrics in CloudWatch's embedded metric format, which are log lines and cost no calls. Only functions with metrics
 * load this.
 */
export const metrics = new Metrics();
