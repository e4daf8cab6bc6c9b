import { CfnOutput, Stack } from 'aws-cdk-lib';
import { EventBus, type EventPattern } from 'aws-cdk-lib/aws-events';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import type { Feature } from './feature.ts';

/** What SES reports of each mail. */
const reportedEvents = [
  EmailSendingEvent.SEND,
  EmailSendingEvent.DELIVERY,
  EmailSendingEvent.DELIVERY_DELAY,
  EmailSendingEvent.BOUNCE,
  EmailSendingEvent.COMPLAINT,
  EmailSendingEvent.REJECT,
];

/** The domain that mail comes from, and how SES sends it: over TLS only, and telling the account's event bus of it. */
export class Mail extends Construct {
  readonly configurationSet: ConfigurationSet;
  private readonly identity: EmailIdentity;
  private readonly sender: string;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.sender = stage.sender;
    this.identity = new EmailIdentity(this, 'Identity', {
      identity: Identity.domain(stage.sender.slice(stage.sender.lastIndexOf('@') + 1)),
      // What comes back is told by events.
      feedbackForwarding: false,
    });
    this.identity.applyRemovalPolicy(stage.removalPolicy);
    this.configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
      // Which addresses get no more mail is held by company, and cleared there; SES's list is one for the whole account.
      disableSuppressionList: true,
    });
    this.configurationSet.addEventDestination('Events', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'Bus', 'default')),
      events: reportedEvents,
    });
    for (const [index, { name, value }] of this.identity.dkimRecords.entries())
      new CfnOutput(this, `Dkim${index + 1}`, { value: `${name} CNAME ${value}` });
  }

  /** What SES reports of mails that were sent with this configuration set. */
  get events(): EventPattern {
    return {
      source: ['aws.ses'],
      detail: { mail: { tags: { 'ses:configuration-set': [this.configurationSet.configurationSetName] } } },
    };
  }

  /** Lets the feature send with this address and this configuration set. A raw message asks for this permission alone. */
  sentBy(feature: Feature): void {
    const { partition, region, account } = Stack.of(this);
    const set = `arn:${partition}:ses:${region}:${account}:configuration-set/${this.configurationSet.configurationSetName}`;
    feature.allow(['ses:SendRawEmail'], this.identity.emailIdentityArn, set);
    feature.function.addEnvironment('MAIL_FROM', this.sender);
    feature.function.addEnvironment('CONFIGURATION_SET', this.configurationSet.configurationSetName);
  }
}
