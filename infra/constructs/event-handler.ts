import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { DeadLetters } from './dead-letters.ts';
import { Feature, type FeatureProps } from './feature.ts';

export interface EventHandlerProps extends FeatureProps {
  /** Which events of the account's default bus it is called for. */
  readonly pattern: EventPattern;
}

/**
 * A function that EventBridge calls for each event of a pattern, at least once and in no order. Two things can fail, and both
 * end in one dead-letter queue: EventBridge cannot hand the event to Lambda (it tries for a day), or the function throws
 * (Lambda tries twice more, after one and two minutes, and waits up to six hours where it has no room).
 */
export class EventHandler extends Feature {
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { pattern, ...props }: EventHandlerProps) {
    super(scope, id, props);
    this.deadLetters = new DeadLetters(this, 'DeadLetters', props.stage);
    // Not CDK's SqsDestination: its grant also lets the function read the attributes of the queue.
    this.allow(['sqs:SendMessage'], this.deadLetters.queueArn);
    this.function.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: this.deadLetters.queueArn }) },
    });
    new Rule(this, 'Rule', {
      description: `Calls functions/${props.folder}`,
      eventPattern: pattern,
      // Brings the permission to call the function, and to write to the queue, for this rule alone.
      targets: [
        new LambdaFunction(this.function, {
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
          deadLetterQueue: this.deadLetters,
        }),
      ],
    });
  }

  /** Events that were set aside and wait for somebody to look. */
  setAside(): IMetric {
    return this.deadLetters.waiting();
  }
}
