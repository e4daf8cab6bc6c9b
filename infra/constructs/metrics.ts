import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * The sum of metrics, minute by minute. AWS sends none of these while they would be zero, and a plain `a + b` is
 * nothing as soon as one of both is missing; hence FILL.
 */
export function sumOf(label: string, metrics: Readonly<Record<string, IMetric>>): IMetric {
  const filled = Object.keys(metrics).map((name) => `FILL(${name},0)`);
  return new MathExpression({
    expression: `SUM([${filled.join(',')}])`,
    label,
    period: Duration.minutes(1),
    usingMetrics: { ...metrics },
  });
}
