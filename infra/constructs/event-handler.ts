import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letters.ts';
import { Feature, type FeatureProps } from './feature.ts';

export interface EventHandlerProps extends FeatureProps {
  /** The events of the account's default bus that it is called for. */
  readonly pattern: EventPattern;
}

/**
 * A function that EventBridge calls for each event of a pattern, at least once and in any order. Its dead-letter queue
 * gets the events that EventBridge could not deliver to Lambda within a day, and those on which the function failed
 * three times: Lambda retries after one and two minutes, and keeps throttled events for six hours.
 */
export class EventHandler extends Feature {
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { pattern, ...props }: EventHandlerProps) {
    super(scope, id, props);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', props.stage);
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
      // The target grants this rule, and no other, the permission to call the function and to write to the dead-letter
      // queue.
      targets: [
        new LambdaFunction(this.function, {
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
          deadLetterQueue: this.deadLetters,
        }),
      ],
    });
  }

  /** The number of events in the dead-letter queue. */
  deadLettered(): IMetric {
    return this.deadLetters.size();
  }
}
