import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import {
  clientIndexes,
  clientIndexNames,
  primaryKey,
  projectedAttributes,
  recordIndexes,
  recordIndexNames,
  ttlAttribute,
} from '../../lib/table/layout.ts';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';

/** The single table. `lib/table/README.md` describes its items. */
export class ClienteleTable extends Table {
  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      partitionKey: text(primaryKey.partition),
      sortKey: text(primaryKey.sort),
      billingMode: BillingMode.PAY_PER_REQUEST,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: ttlAttribute,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: stage.pointInTimeRecovery },
      deletionProtection: stage.deletionProtection,
      removalPolicy: stage.removalPolicy,
    });
    for (const indexName of clientIndexNames)
      this.addGlobalSecondaryIndex({
        indexName,
        partitionKey: text(clientIndexes[indexName].partition),
        sortKey: text(clientIndexes[indexName].sort),
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: [...projectedAttributes],
      });
    // Records are small where they are listed, and DynamoDB counts no projected attributes of an index that projects all.
    for (const indexName of recordIndexNames)
      this.addGlobalSecondaryIndex({
        indexName,
        partitionKey: text(recordIndexes[indexName].partition),
        sortKey: text(recordIndexes[indexName].sort),
        projectionType: ProjectionType.ALL,
      });
    if (stage.removalPolicy === RemovalPolicy.DESTROY)
      acknowledge(this, 'AwsSolutions-DDB3', `The data of stage ${stage.name} is disposable.`);
  }
}

function text(name: string) {
  return { name, type: AttributeType.STRING };
}
