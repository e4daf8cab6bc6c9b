import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { EventBus, type EventPattern } from 'aws-cdk-lib/aws-events';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';
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
  private readonly sender: string | undefined;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.sender = stage.sender;
    if (stage.sender !== undefined && !stage.existingIdentity) this.createIdentity(stage.sender, stage.removalPolicy);
    this.configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
      // All companies share the reputation of the account: an address that bounced or complained for one of them gets no
      // mail of another either. SES reports such a mail as bounced.
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });
    this.configurationSet.addEventDestination('Events', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'Bus', 'default')),
      events: reportedEvents,
    });
  }

  /** The events of mails that were sent with this configuration set. */
  get events(): EventPattern {
    return {
      source: ['aws.ses'],
      detail: { mail: { tags: { 'ses:configuration-set': [this.configurationSet.configurationSetName] } } },
    };
  }

  /** Allows the feature to send raw messages from the sender with this configuration set; without a sender, nothing. */
  grantSend(feature: Feature): void {
    feature.function.addEnvironment('CONFIGURATION_SET', this.configurationSet.configurationSetName);
    if (this.sender === undefined) return;
    feature.function.addEnvironment('MAIL_FROM', this.sender);
    const { partition, region, account } = Stack.of(this);
    const arn = `arn:${partition}:ses:${region}:${account}`;
    feature.allow(['ses:SendRawEmail'], `${arn}:configuration-set/${this.configurationSet.configurationSetName}`);
    feature.allowWhere('ses:FromAddress', this.sender, ['ses:SendRawEmail'], `${arn}:identity/*`);
    acknowledge(
      feature,
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]',
      'While the account is in the sandbox, SES checks the permission for the identities of the recipients too. The condition allows one sender.',
    );
  }

  private createIdentity(sender: string, removalPolicy: RemovalPolicy): void {
    const identity = new EmailIdentity(this, 'Identity', {
      identity: Identity.domain(sender.slice(sender.lastIndexOf('@') + 1)),
      // Bounces and complaints are reported as events.
      feedbackForwarding: false,
    });
    // Its name is fixed: one that a failed first deployment left behind would stop the next.
    const kept = removalPolicy === RemovalPolicy.RETAIN;
    identity.applyRemovalPolicy(kept ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : removalPolicy);
    for (const [index, { name, value }] of identity.dkimRecords.entries())
      new CfnOutput(this, `Dkim${index + 1}`, { value: `${name} CNAME ${value}` });
  }
}
