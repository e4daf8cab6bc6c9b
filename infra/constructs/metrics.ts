import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * The sum of metrics by the minute. AWS publishes no data points while these metrics are zero, and `a + b` has no value
 * if either has none, so missing values are filled with zero.
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
