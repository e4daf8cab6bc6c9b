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
import { pricings } from '../functions/pricings/contract.ts';
import { team } from '../functions/team/contract.ts';
import { traces } from '../functions/traces/contract.ts';
import type { Bundles } from './bundles.ts';
import { acknowledge } from './constructs/acknowledge.ts';
import { Alarms } from './constructs/alarms.ts';
import { Api } from './constructs/api.ts';
import { DocumentsBucket } from './constructs/bucket.ts';
import { EventHandler } from './constructs/event-handler.ts';
import { Feature } from './constructs/feature.ts';
import { GeneratedSecret, rotate } from './constructs/secrets.ts';
import { ClienteleTable, indexNames } from './constructs/table.ts';
import { Worker } from './constructs/worker.ts';
import type { Stage } from './stages.ts';

export interface ClienteleStackProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
}

/** What phone numbers are read by, and the package file that says how it is imported. */
const numberingPlans = ['libphonenumber-js/package.json', 'libphonenumber-js/metadata.min.json.js'];

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
    const clientsFeature = new Feature(this, 'Clients', {
      ...shared,
      folder: 'clients',
      impact: 'Nobody can find, read or change clients.',
      packageFiles: numberingPlans,
      tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      queries: indexNames,
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const clientBulkFeature = new Feature(this, 'ClientBulk', {
      ...shared,
      folder: 'client-bulk',
      impact: 'Many clients cannot be changed at once; one by one they can.',
      packageFiles: numberingPlans,
      timeout: Duration.seconds(29), // up to 500 clients
      tableActions: ['BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
    });
    const contactsFeature = new Feature(this, 'Contacts', {
      ...shared,
      folder: 'contacts',
      impact: 'Contacts of clients can be neither read, added, changed nor deleted.',
      packageFiles: numberingPlans,
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
      // It moves no bytes: the locations that it signs can do what it may.
      objectActions: ['PutObject', 'GetObjectVersion'],
    });
    const documentReceived = new EventHandler(this, 'DocumentReceived', {
      ...shared,
      folder: 'document-received',
      impact: 'Documents that were uploaded stay pending and cannot be downloaded.',
      timeout: Duration.seconds(29),
      pattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [documentsBucket.bucketName] } },
      },
      tableActions: ['GetItem', 'PutItem'],
      bucket: documentsBucket,
      objectActions: ['GetObjectVersion', 'DeleteObjectVersion'],
    });
    const tracesFeature = new Feature(this, 'Traces', {
      ...shared,
      folder: 'traces',
      impact: 'Nobody sees what the backend did for a client.',
      tableActions: ['GetItem', 'Query'],
      secrets: { CURSOR_SECRET_ARN: cursorSecret },
    });
    const deletions = new Worker(this, 'Deletions', {
      ...shared,
      folder: 'deletions',
      impact:
        'Groups that were deleted keep their clients, pricings and items that are gone their prices, and documents their bytes.',
      timeout: Duration.seconds(29),
      batchSize: 10,
      filters: [
        FilterCriteria.filter({
          dynamodb: {
            NewImage: { entity: { S: FilterRule.isEqual('group') }, status: { S: FilterRule.isEqual('deleting') } },
          },
        }),
        FilterCriteria.filter({ dynamodb: { NewImage: { entity: { S: FilterRule.isEqual('removal') } } } }),
        FilterCriteria.filter({
          dynamodb: {
            NewImage: { entity: { S: FilterRule.isEqual('document') }, status: { S: FilterRule.isEqual('deleting') } },
          },
        }),
        FilterCriteria.filter({
          eventName: FilterRule.isEqual('REMOVE'),
          dynamodb: {
            OldImage: { entity: { S: FilterRule.isEqual('document') }, status: { S: FilterRule.isEqual('pending') } },
          },
        }),
      ],
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      queries: ['GSI2'],
      bucket: documentsBucket,
      objectActions: ['DeleteObjectVersion'],
      bucketActions: ['ListBucketVersions'],
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
    api.serve(clientsFeature, clients);
    api.serve(clientBulkFeature, clientBulk);
    api.serve(contactsFeature, contacts);
    api.serve(clientUsersFeature, clientUsers);
    api.serve(clientSettingsFeature, clientSettings);
    api.serve(groupsFeature, groups);
    api.serve(pricingsFeature, pricings);
    api.serve(documentsFeature, documents);
    api.serve(tracesFeature, traces);
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
      clientsFeature,
      clientBulkFeature,
      contactsFeature,
      clientUsersFeature,
      clientSettingsFeature,
      groupsFeature,
      pricingsFeature,
      documentsFeature,
      tracesFeature,
      docsFeature,
      signingKey,
    ])
      alarms.watchFeature(feature);
    for (const worker of [clientIndex, deletions]) alarms.watchWorker(worker);
    alarms.watchEventHandler(documentReceived);

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'DocsUrl', { value: `${api.url}/docs` });
    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'DocumentsBucketName', { value: documentsBucket.bucketName });
    new CfnOutput(this, 'ClientIndexFunction', { value: clientIndex.function.functionName });
    new CfnOutput(this, 'SigningSecretArn', { value: signingSecret.secretArn });
    new CfnOutput(this, 'AlarmTopicArn', { value: alarms.topic.topicArn });
  }
}
