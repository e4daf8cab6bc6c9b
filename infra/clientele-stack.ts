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
import { PasswordProbe } from './constructs/password-probe.ts';
import { QueueWorker } from './constructs/queue-worker.ts';
import { Relay } from './constructs/relay.ts';
import { GeneratedSecret } from './constructs/secrets.ts';
import { ClienteleTable } from './constructs/table.ts';
import { Worker } from './constructs/worker.ts';
import { featureNames, features, logoPrefix } from './features.ts';
import type { Stage } from './stages.ts';

export interface ClienteleStackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
}

/** All of Clientele: its data, its API, the workers behind it, and the alarms. */
export class ClienteleStack extends Stack {
  constructor(scope: Construct, id: string, { stage, bundles }: ClienteleStackProps) {
    super(scope, id, { stackName: stage.stackName, description: 'Clientele: clients of an invoicing business' });

    // Data
    const table = new ClienteleTable(this, 'Table', stage);
    const bucket = new DocumentsBucket(this, 'DocumentsBucket', stage);
    const applicationSecret = new GeneratedSecret(this, 'ApplicationSecret', stage, {
      description: 'Key material for list cursors, device tokens and what is kept for an Idempotency-Key',
      whyNotRotated:
        'It opens no access by itself. A new secret invalidates cursors in use, device tokens and the answers of the last 24 hours.',
    });
    const linkSecret = new GeneratedSecret(this, 'LinkSecret', stage, {
      description: 'Key material for the links in mails',
      whyNotRotated:
        'Links expire within days and are stored as hashes. A new secret would change the links of mails that are being retried.',
    });

    // The API and its features
    const api = new Api(this, 'Api', stage);
    const alarms = new Alarms(this, 'Alarms', stage);
    const { check } = new PasswordProbe(this, 'PasswordProbe', { stage, bundles });
    for (const folder of featureNames) {
      const [contract, spec] = [contracts[folder], features[folder]];
      const feature = new HttpFeature(this, {
        stage,
        bundles,
        folder,
        contract,
        spec,
        table,
        bucket,
        applicationSecret,
      });
      // The functions in use stay as they are if the new code cannot hash passwords.
      feature.function.node.addDependency(check);
      api.serve(feature, contract);
      if (folder === 'docs') api.serveRest(feature);
      alarms.watchFeature(feature);
    }

    // Workers: on changes of the table, on uploads and on events of SES
    const shared = { stage, bundles, table };
    const clientIndex = new Worker(this, 'ClientIndex', {
      ...shared,
      folder: 'client-index',
      impact: 'Search and filtered lists do not show new clients, and show changed clients as they were.',
      timeout: Duration.seconds(29),
      parallelBatches: 4,
      filters: [
        FilterCriteria.filter({
          dynamodb: { Keys: { SK: { S: FilterRule.or(...Object.values(clientIndexStreamKeys)) } } },
        }),
      ],
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
      queries: ['clientsByCreation'],
    });
    const deletions = new QueueWorker(this, 'Deletions', {
      ...shared,
      folder: 'deletions',
      impact:
        'Deletions are not completed: clients stay in deleted groups, and prices and the bytes of documents and logos are kept.',
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
      impact: 'Invitations, password resets and all other mails are delayed. None of them is lost.',
      timeout: Duration.seconds(29), // up to 20 of them for SES
      batchSize: 1,
      maxReceives: 60, // about 16 attempts in a day, and waits for another worker that holds the lease
      postpones: true,
      environment: {
        PORTAL_URL: stage.pages.portal,
        STAFF_URL: stage.pages.staff,
        LEASE_SECONDS: String(Duration.minutes(15).toSeconds()),
      },
      tableActions: ['GetItem', 'BatchGetItem', 'PutItem'],
      secrets: { LINK_SECRET_ARN: linkSecret },
      bucket,
      objectActions: ['GetObjectVersion'],
      objectPrefix: logoPrefix,
    });
    const ledgerProof = new QueueWorker(this, 'LedgerProof', {
      ...shared,
      folder: 'ledger-proof',
      impact: 'The proof of the ledgers of a company that an operator has started does not go on.',
      timeout: Duration.seconds(29),
      batchSize: 1,
      postpones: true,
      tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem'],
      queries: ['clientsByCreation'],
    });
    const relay = new Relay(this, 'Relay', {
      ...shared,
      impact: 'Deletions are not completed and no mail is sent. Both are made up for later.',
      to: { deletions, 'mail-sender': mailSender, 'ledger-proof': ledgerProof },
    });
    const documentReceived = new QueueWorker(this, 'DocumentReceived', {
      ...shared,
      folder: 'document-received',
      impact: 'Uploaded documents stay pending and cannot be downloaded, and uploaded logos are not shown.',
      timeout: Duration.seconds(29), // up to 15 of them for each call of S3
      batchSize: 1,
      maxConcurrency: 10,
      postpones: true,
      tableActions: ['GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem'],
      bucket,
      objectActions: ['GetObjectVersion', 'DeleteObjectVersion'],
    });
    documentReceived.receiveEvents(bucket.objectCreated);
    const mail = new Mail(this, 'Mails', stage);
    mail.grantSend(mailSender);
    const mailEvents = new EventHandler(this, 'MailEvents', {
      ...shared,
      folder: 'mail-events',
      impact:
        'Mail is still sent to addresses that bounced, which harms the reputation of the sender, and some mails may be sent twice.',
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      pattern: mail.events,
    });

    // Alarms
    alarms.watchApi(api);
    alarms.watchTable(table);
    alarms.watchMail(mailSender);
    alarms.watchLedgers(ledgerProof);
    alarms.watchEventHandler(mailEvents);
    for (const worker of [clientIndex, relay, deletions, mailSender, ledgerProof, documentReceived])
      alarms.watchWorker(worker);

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'DocsUrl', { value: `${api.url}/docs` });
    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'DocumentsBucketName', { value: bucket.bucketName });
    new CfnOutput(this, 'ClientIndexFunction', { value: clientIndex.function.functionName });
    new CfnOutput(this, 'LedgerProofFunction', { value: ledgerProof.function.functionName });
    new CfnOutput(this, 'AlarmTopicArn', { value: alarms.topic.topicArn });
  }
}
