import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { FilterCriteria, FilterRule } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { contracts } from '../functions/contracts.ts';
import { clientIndexStreamKeys } from '../lib/table/layout.ts';
import type { Bundles } from './build/bundles.ts';
import { Alarms } from './constructs/alarms.ts';
import { Api } from './constructs/api.ts';
import { DocumentsBucket } from './constructs/bucket.ts';
import { EventHandler } from './constructs/event-handler.ts';
import { HttpFeature } from './constructs/http-feature.ts';
import { Mail } from './constructs/mail.ts';
import { QueueWorker } from './constructs/queue-worker.ts';
import { Relay } from './constructs/relay.ts';
import { GeneratedSecret } from './constructs/secrets.ts';
import { ClienteleTable } from './constructs/table.ts';
import { Worker } from './constructs/worker.ts';
import { featureNames, features } from './features.ts';
import type { Stage } from './stages.ts';

export interface ClienteleStackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
}

/** All of Clientele: where data is kept, what is served, what follows from changes, and who is told when it fails. */
export class ClienteleStack extends Stack {
  constructor(scope: Construct, id: string, { stage, bundles }: ClienteleStackProps) {
    super(scope, id, { stackName: stage.stackName, description: 'Clientele: clients of an invoicing business' });

    // Data
    const table = new ClienteleTable(this, 'Table', stage);
    const bucket = new DocumentsBucket(this, 'DocumentsBucket', stage);
    const cursorSecret = new GeneratedSecret(this, 'CursorSecret', stage, {
      description: 'What list positions are sealed with',
      whyNotRotated:
        'It seals list positions, which permit nothing: a new one would break the lists that people are reading.',
    });
    const linkSecret = new GeneratedSecret(this, 'LinkSecret', stage, {
      description: 'What the links in mails derive from',
      whyNotRotated:
        'Links expire within hours and are stored as hashes: a new one would change mails that are being retried.',
    });

    // The API and its features
    const api = new Api(this, 'Api', stage);
    const alarms = new Alarms(this, 'Alarms', stage);
    for (const folder of featureNames) {
      const [contract, spec] = [contracts[folder], features[folder]];
      const feature = new HttpFeature(this, { stage, bundles, folder, contract, spec, table, bucket, cursorSecret });
      api.serve(feature, contract);
      if (folder === 'docs') api.serveTheRest(feature);
      alarms.watchFeature(feature);
    }

    // What follows from changes of the table, from uploads, and from what SES reports
    const shared = { stage, bundles, table };
    const clientIndex = new Worker(this, 'ClientIndex', {
      ...shared,
      folder: 'client-index',
      impact: 'New and changed clients are missing from search and filtered lists, or show there as they were.',
      timeout: Duration.seconds(29),
      filters: [
        FilterCriteria.filter({
          dynamodb: { Keys: { SK: { S: FilterRule.or(...Object.values(clientIndexStreamKeys)) } } },
        }),
      ],
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
      queries: ['clientsByCreation'],
    });
    const deletions = new QueueWorker(this, 'Deletions', {
      ...shared,
      folder: 'deletions',
      impact: 'Deleted groups keep their clients, deleted pricings and items their prices, and documents their bytes.',
      timeout: Duration.seconds(29),
      batchSize: 5,
      postpones: true,
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      queries: ['clientsByCreation'],
      bucket,
      objectActions: ['DeleteObjectVersion'],
      bucketActions: ['ListBucketVersions'],
    });
    const mailSender = new QueueWorker(this, 'MailSender', {
      ...shared,
      folder: 'mail-sender',
      impact: 'Invitations, new passwords and all other mail wait; nothing of it is lost.',
      timeout: Duration.seconds(29), // SES is given twenty of them
      batchSize: 1,
      tries: 60, // a mail is tried for a day, some sixteen times, and waits for whoever else has it
      postpones: true,
      environment: {
        PORTAL_URL: stage.pages.portal,
        STAFF_URL: stage.pages.staff,
        LEASE_SECONDS: String(Duration.minutes(15).toSeconds()),
      },
      tableActions: ['GetItem', 'BatchGetItem', 'PutItem'],
      secrets: { LINK_SECRET_ARN: linkSecret },
    });
    const relay = new Relay(this, 'Relay', {
      ...shared,
      impact: 'What follows from changes waits: deletions are not finished, and no mail is sent.',
      to: { deletions, 'mail-sender': mailSender },
    });
    const documentReceived = new QueueWorker(this, 'DocumentReceived', {
      ...shared,
      folder: 'document-received',
      impact: 'Documents that were uploaded stay pending and cannot be downloaded.',
      timeout: Duration.seconds(29), // the storage is given fifteen of them for each call
      batchSize: 1,
      atOnce: 10,
      postpones: true,
      tableActions: ['GetItem', 'PutItem'],
      bucket,
      objectActions: ['GetObjectVersion', 'DeleteObjectVersion'],
    });
    documentReceived.followEvents(bucket.objectCreated);
    const mail = new Mail(this, 'Mails', stage);
    mail.sentBy(mailSender);
    const mailEvents = new EventHandler(this, 'MailEvents', {
      ...shared,
      folder: 'mail-events',
      impact: 'Mail goes on to addresses from which it came back, and mails may go out twice.',
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      pattern: mail.events,
    });

    // Who is told
    alarms.watchApi(api);
    alarms.watchTable(table);
    alarms.watchMail(mailSender);
    alarms.watchEventHandler(mailEvents);
    for (const worker of [clientIndex, relay, deletions, mailSender, documentReceived]) alarms.watchWorker(worker);

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'DocsUrl', { value: `${api.url}/docs` });
    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'DocumentsBucketName', { value: bucket.bucketName });
    new CfnOutput(this, 'ClientIndexFunction', { value: clientIndex.function.functionName });
    new CfnOutput(this, 'AlarmTopicArn', { value: alarms.topic.topicArn });
  }
}
