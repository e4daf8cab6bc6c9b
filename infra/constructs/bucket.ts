import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';

/** What an upload or a download in a browser may send, and what its script may read of the answer. */
const allowedHeaders = ['content-type', 'if-none-match', 'range', 'x-amz-checksum-sha256'];
const exposedHeaders = ['Content-Disposition', 'Content-Range', 'ETag', 'x-amz-checksum-sha256', 'x-amz-version-id'];

/**
 * Where the files are. Nobody reaches one but by a presigned URL of the API; every event of it goes to the default event
 * bus. `cdk destroy` keeps it in prod. In dev it goes with the stack if it is empty; otherwise the deletion stops at it and
 * goes through once it has been emptied: a function of CDK's that would empty it is one more thing with rights to delete.
 */
export class DocumentsBucket extends Bucket {
  /** The event of each object that arrives. */
  get objectCreated(): EventPattern {
    return {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [this.bucketName] } },
    };
  }

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      removalPolicy: stage.removalPolicy,
      cors: [
        {
          allowedOrigins: [...stage.allowedOrigins],
          allowedMethods: [HttpMethods.PUT, HttpMethods.GET, HttpMethods.HEAD],
          allowedHeaders,
          exposedHeaders,
          maxAge: Duration.hours(1).toSeconds(),
        },
      ],
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          noncurrentVersionExpiration: Duration.days(stage.removalPolicy === RemovalPolicy.DESTROY ? 1 : 30),
          expiredObjectDeleteMarker: true,
        },
      ],
    });
    // CDK's own `eventBridgeEnabled` brings a function that may change the notifications of every bucket.
    const bucket = this.node.defaultChild;
    if (!(bucket instanceof CfnBucket)) throw new Error('A bucket consists of something else than a bucket.');
    bucket.addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration', { EventBridgeEnabled: true });
    acknowledge(
      this,
      'AwsSolutions-S1',
      'Each file is reached only by a URL that the API presigns and logs; a second log would add the addresses of people.',
    );
  }
}
