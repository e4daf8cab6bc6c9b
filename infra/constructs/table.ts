import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';

/** The list of clients in its five orders: by name, creation, number, last change, balance. */
export const indexNames = ['GSI1', 'GSI2', 'GSI3', 'GSI4', 'GSI5'] as const;
export type IndexName = (typeof indexNames)[number];

/**
 * What a row of the client list shows and is filtered by; the rest of a client is read from the table itself. DynamoDB
 * takes a hundred such attributes over all indexes of a table; these are 18 five times.
 */
const listed = [
  'entity',
  'schemaVersion',
  'id',
  'number',
  'idNumber',
  'displayName',
  'status',
  'archivedAt',
  'groupId',
  'pricingId',
  'primaryContact',
  'balances',
  'tags',
  'createdAt',
  'updatedAt',
  'version',
  'facets',
  'hasBalance',
];

/** The one table; `lib/table/README.md` says what is in it. */
export class ClienteleTable extends Table {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      partitionKey: text('PK'),
      sortKey: text('SK'),
      billingMode: BillingMode.PAY_PER_REQUEST,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: stage.pointInTimeRecovery },
      deletionProtection: stage.deletionProtection,
      removalPolicy: stage.removalPolicy,
    });
    for (const indexName of indexNames)
      this.addGlobalSecondaryIndex({
        indexName,
        partitionKey: text(`${indexName}PK`),
        sortKey: text(`${indexName}SK`),
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: listed,
      });
    if (stage.removalPolicy === RemovalPolicy.DESTROY)
      acknowledge(this, 'AwsSolutions-DDB3', `The data of stage ${stage.name} is made to be thrown away.`);
  }
}

function text(name: string) {
  return { name, type: AttributeType.STRING };
}
