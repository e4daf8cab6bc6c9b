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

/** The events that SES reports for each mail. */
const reportedEvents = [
  EmailSendingEvent.SEND,
  EmailSendingEvent.DELIVERY,
  EmailSendingEvent.DELIVERY_DELAY,
  EmailSendingEvent.BOUNCE,
  EmailSendingEvent.COMPLAINT,
  EmailSendingEvent.REJECT,
];

/**
 * The sender's domain and the configuration set: SES sends over TLS only, and reports to the account's default event
 * bus.
 */
export class Mail extends Construct {
  readonly configurationSet: ConfigurationSet;
  private readonly identity: EmailIdentity;
  private readonly sender: string;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.sender = stage.sender;
    this.identity = new EmailIdentity(this, 'Identity', {
      identity: Identity.domain(stage.sender.slice(stage.sender.lastIndexOf('@') + 1)),
      // Bounces and complaints are reported as events.
      feedbackForwarding: false,
    });
    this.identity.applyRemovalPolicy(stage.removalPolicy);
    this.configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
      // Suppressed addresses are kept for each company, which can lift a suppression. The list of SES is for the whole
      // account.
      disableSuppressionList: true,
    });
    this.configurationSet.addEventDestination('Events', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'Bus', 'default')),
      events: reportedEvents,
    });
    for (const [index, { name, value }] of this.identity.dkimRecords.entries())
      new CfnOutput(this, `Dkim${index + 1}`, { value: `${name} CNAME ${value}` });
  }

  /** The events of mails that were sent with this configuration set. */
  get events(): EventPattern {
    return {
      source: ['aws.ses'],
      detail: { mail: { tags: { 'ses:configuration-set': [this.configurationSet.configurationSetName] } } },
    };
  }

  /** Allows the feature to send raw messages from this domain with this configuration set. */
  grantSend(feature: Feature): void {
    const { partition, region, account } = Stack.of(this);
    const set = `arn:${partition}:ses:${region}:${account}:configuration-set/${this.configurationSet.configurationSetName}`;
    feature.allow(['ses:SendRawEmail'], this.identity.emailIdentityArn, set);
    feature.function.addEnvironment('MAIL_FROM', this.sender);
    feature.function.addEnvironment('CONFIGURATION_SET', this.configurationSet.configurationSetName);
  }
}
