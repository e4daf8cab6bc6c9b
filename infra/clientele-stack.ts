import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { FilterCriteria, FilterRule } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { accounts } from '../functions/accounts/contract.ts';
import { clientBulk } from '../functions/client-bulk/contract.ts';
import { clientSettings } from '../functions/client-settings/contract.ts';
import { clientUsers } from '../functions/client-users/contract.ts';
import { clients } from '../functions/clients/contract.ts';
import { company } from '../functions/company/contract.ts';
import { contacts } from '../functions/contacts/contract.ts';
import { docs } from '../functions/docs/contract.ts';
import { documents } from '../functions/documents/contract.ts';
import { groups } from '../functions/groups/contract.ts';
import { mail } from '../functions/mail/contract.ts';
import { portal } from '../functions/portal/contract.ts';
import { pricings } from '../functions/pricings/contract.ts';
import { team } from '../functions/team/contract.ts';
import { templates } from '../functions/templates/contract.ts';
import { traces } from '../functions/traces/contract.ts';
import type { Bundles } from './build/bundles.ts';
import { acknowledge } from './constructs/acknowledge.ts';
import { Alarms } from './constructs/alarms.ts';
import { Api } from './constructs/api.ts';
import { DocumentsBucket } from './constructs/bucket.ts';
import { EventHandler } from './constructs/event-handler.ts';
import { Feature } from './constructs/feature.ts';
import { Mail } from './constructs/mail.ts';
import { QueueWorker } from './constructs/queue-worker.ts';
import { Relay } from './constructs/relay.ts';
import { GeneratedSecret, rotate } from './constructs/secrets.ts';
import { ClienteleTable, indexNames } from './constructs/table.ts';
import { Worker } from './constructs/worker.ts';
import type { Stage } from './stages.ts';

export interface ClienteleStackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
}

/** All of Clientele: who calls, what is served, where it is kept, and who is told when it fails. */
export class ClienteleStack extends Stack {
  constructor(scope: Construct, id: string, { stage, bundles }: ClienteleStackProps) {
    super(scope, id, { stackName: stage.stackName, description: 'Clientele: clients of an invoicing business' });

    const table = new ClienteleTable(this, 'Table', stage);
    const documentsBucket = new DocumentsBucket(this, 'DocumentsBucket', stage);
    const signingSecret = new GeneratedSecret(this, 'SigningSecret', stage, 'What the token signing keys derive from');
    const cursorSecret = new GeneratedSecret(this, 'CursorSecret', stage, 'What list positions are sealed with');
    acknowledge(
      cursorSecret,
      'AwsSolutions-SMG4',
      'It seals list positions, which are no permission: a new one would only break the lists that people are reading.',
    );
    const linkSecret = new GeneratedSecret(this, 'LinkSecret', stage, 'What the links in mails derive from');
    acknowledge(
      linkSecret,
      'AwsSolutions-SMG4',
      'The links that it makes are good for hours and kept as hashes: a new secret would only change mails that are tried again.',
    );
    const mails = new Mail(this, 'Mails', stage);
    const api = new Api(this, 'Api', stage);
    const issuer = api.url;
    const shared = { stage, bundles, table };

    const authorizer = new Feature(this, 'Authorizer', {
      ...shared,
      folder: 'authorizer',
      impact: 'Nobody who is signed in can do anything; only public routes answer.',
      environment: { ISSUER: issuer },
      tableActions: ['BatchGetItem', 'UpdateItem'],
      secrets: { SIGNING_SECRET_ARN: signingSecret },
    });

    const accountsFeature = new Feature(this, 'Accounts', {
      ...shared,
      folder: 'accounts',
      impact: 'Nobody can sign up, sign in or renew a session; sessions end within minutes.',
      memory: 1024, // argon2 takes 64 MB a sign-in, and its time falls with the CPU that comes with memory
      environment: { ISSUER: issuer, SIGN_UP: stage.signUp },
      tableActions: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
      secrets: { SIGNING_SECRET_ARN: signingSecret },
    });
    const companyFeature = new Feature(this, 'Company', {
      ...shared,
      folder: 'company',
      impact: 'Nobody can read or change the company, its settings or its modules.',
      tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
    });
    const teamFeature = new Feature(this, 'Team', {
      ...shared,
      folder: 'team',
      impact: 'Users and API tokens can be neither listed, added, changed nor locked out.',
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const portalFeature = new Feature(this, 'Portal', {
      ...shared,
      folder: 'portal',
      impact: 'No contact of a client can accept an invitation, sign in to the portal or renew a session.',
      memory: 1024, // argon2, as for staff
      environment: { ISSUER: issuer },
      tableActions: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      secrets: { SIGNING_SECRET_ARN: signingSecret },
    });
    const clientsFeature = new Feature(this, 'Clients', {
      ...shared,
      folder: 'clients',
      impact: 'Nobody can find, read or change clients.',
      tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      queries: indexNames,
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const clientBulkFeature = new Feature(this, 'ClientBulk', {
      ...shared,
      folder: 'client-bulk',
      impact: 'Many clients cannot be changed at once; one by one they can.',
      timeout: Duration.seconds(29), // up to 500 clients
      tableActions: ['BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
    });
    const contactsFeature = new Feature(this, 'Contacts', {
      ...shared,
      folder: 'contacts',
      impact: 'Contacts of clients can be neither read, added, changed nor deleted.',
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const clientUsersFeature = new Feature(this, 'ClientUsers', {
      ...shared,
      folder: 'client-users',
      impact: 'Users can be neither linked to clients nor taken from them, and see no clients of theirs.',
      tableActions: ['BatchGetItem', 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'],
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const clientIndex = new Worker(this, 'ClientIndex', {
      ...shared,
      folder: 'client-index',
      impact: 'New and changed clients are missing from search and filtered lists, or show there as they were.',
      timeout: Duration.seconds(29),
      filters: [FilterCriteria.filter({ dynamodb: { Keys: { SK: { S: FilterRule.or('P#CLIENT', 'REINDEX') } } } })],
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
      queries: ['GSI2'],
    });
    const clientSettingsFeature = new Feature(this, 'ClientSettings', {
      ...shared,
      folder: 'client-settings',
      impact: 'Nobody sees which settings hold for a client, or can set its own.',
      tableActions: ['GetItem', 'BatchGetItem', 'PutItem'],
    });
    const groupsFeature = new Feature(this, 'Groups', {
      ...shared,
      folder: 'groups',
      impact: 'Groups of clients can be neither read, added, changed nor deleted.',
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const pricingsFeature = new Feature(this, 'Pricings', {
      ...shared,
      folder: 'pricings',
      impact: 'Pricings, items and prices can be neither read, added, changed nor deleted.',
      tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const documentsFeature = new Feature(this, 'Documents', {
      ...shared,
      folder: 'documents',
      impact: 'Documents can be neither uploaded, found, downloaded, changed nor deleted.',
      tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
      bucket: documentsBucket,
      // It moves no bytes: the URLs that it presigns allow what it may do.
      objectActions: ['PutObject', 'GetObjectVersion'],
    });
    const documentReceived = new QueueWorker(this, 'DocumentReceived', {
      ...shared,
      folder: 'document-received',
      impact: 'Documents that were uploaded stay pending and cannot be downloaded.',
      timeout: Duration.seconds(29), // a call to S3 takes fifteen of them at most
      batchSize: 1,
      atOnce: 10,
      postpones: true,
      tableActions: ['GetItem', 'PutItem'],
      bucket: documentsBucket,
      objectActions: ['GetObjectVersion', 'DeleteObjectVersion'],
    });
    documentReceived.followEvents({
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [documentsBucket.bucketName] } },
    });
    const templatesFeature = new Feature(this, 'Templates', {
      ...shared,
      folder: 'templates',
      impact: 'The texts of mails can be neither read, changed nor tried; mails go out as they are.',
      tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const tracesFeature = new Feature(this, 'Traces', {
      ...shared,
      folder: 'traces',
      impact: 'Nobody sees what was done to clients and what the backend did for them.',
      tableActions: ['GetItem', 'Query'],
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const deletions = new QueueWorker(this, 'Deletions', {
      ...shared,
      folder: 'deletions',
      impact:
        'Groups that were deleted keep their clients, pricings and items that are gone their prices, and documents their bytes.',
      timeout: Duration.seconds(29),
      batchSize: 5,
      postpones: true,
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      queries: ['GSI2'],
      bucket: documentsBucket,
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
    mails.sentBy(mailSender);
    const mailEvents = new EventHandler(this, 'MailEvents', {
      ...shared,
      folder: 'mail-events',
      impact: 'Mail goes on to addresses from which it came back, and mails may go out twice.',
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      pattern: {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': [mails.configurationSet.configurationSetName] } } },
      },
    });
    const mailFeature = new Feature(this, 'Mail', {
      ...shared,
      folder: 'mail',
      impact: 'Failed mails cannot be sent again, and addresses that mail came back from cannot be cleared.',
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    });
    const relay = new Relay(this, 'Relay', {
      stage,
      bundles,
      table,
      impact: 'What follows from changes waits: deletions are not finished, and no mail is sent.',
      to: { deletions, 'mail-sender': mailSender },
    });
    const docsFeature = new Feature(this, 'Docs', {
      stage,
      bundles,
      folder: 'docs',
      files: [
        'functions/docs/openapi.json',
        'functions/docs/page.html',
        'node_modules/@scalar/api-reference/dist/browser/standalone.js',
      ],
      impact: 'The documentation does not load and wrong addresses answer 500 instead of 404; the API itself works.',
    });
    const signingKey = new Feature(this, 'SigningKey', {
      stage,
      bundles,
      folder: 'signing-key',
      impact: 'The signing secret is not replaced on time; everything goes on working with the old one.',
      memory: 256,
    });
    rotate(signingSecret, signingKey, Duration.days(30));

    api.authorizeWith(authorizer);
    api.serve(accountsFeature, accounts);
    api.serve(companyFeature, company);
    api.serve(teamFeature, team);
    api.serve(portalFeature, portal);
    api.serve(clientsFeature, clients);
    api.serve(clientBulkFeature, clientBulk);
    api.serve(contactsFeature, contacts);
    api.serve(clientUsersFeature, clientUsers);
    api.serve(clientSettingsFeature, clientSettings);
    api.serve(groupsFeature, groups);
    api.serve(pricingsFeature, pricings);
    api.serve(documentsFeature, documents);
    api.serve(templatesFeature, templates);
    api.serve(tracesFeature, traces);
    api.serve(mailFeature, mail);
    api.serve(docsFeature, docs);
    api.serveTheRest(docsFeature);

    const alarms = new Alarms(this, 'Alarms', stage);
    alarms.watchApi(api);
    alarms.watchTable(table);
    for (const feature of [
      authorizer,
      accountsFeature,
      companyFeature,
      teamFeature,
      portalFeature,
      clientsFeature,
      clientBulkFeature,
      contactsFeature,
      clientUsersFeature,
      clientSettingsFeature,
      groupsFeature,
      pricingsFeature,
      documentsFeature,
      templatesFeature,
      tracesFeature,
      mailFeature,
      docsFeature,
      signingKey,
    ])
      alarms.watchFeature(feature);
    for (const worker of [clientIndex, relay, deletions, mailSender, documentReceived]) alarms.watchWorker(worker);
    alarms.watchEventHandler(mailEvents);
    alarms.watchMail(mailSender);

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'DocsUrl', { value: `${api.url}/docs` });
    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'DocumentsBucketName', { value: documentsBucket.bucketName });
    new CfnOutput(this, 'ClientIndexFunction', { value: clientIndex.function.functionName });
    new CfnOutput(this, 'SigningSecretArn', { value: signingSecret.secretArn });
    new CfnOutput(this, 'AlarmTopicArn', { value: alarms.topic.topicArn });
  }
}
