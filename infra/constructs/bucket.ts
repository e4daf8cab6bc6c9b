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

/**
 * CORS: the headers that a browser may send with an upload or download, and those that a script may read of the answer.
 */
const allowedHeaders = ['content-type', 'if-none-match', 'range', 'x-amz-checksum-sha256'];
const exposedHeaders = ['Content-Disposition', 'Content-Range', 'ETag', 'x-amz-checksum-sha256', 'x-amz-version-id'];

/**
 * The bucket of the documents. Files are reached by presigned URLs of the API only. All events of the bucket go to the
 * default event bus. `cdk destroy` keeps the bucket in prod. In dev it fails unless the bucket was emptied before: CDK
 * could deploy a function that empties it, but that function would have the right to delete every object.
 */
export class DocumentsBucket extends Bucket {
  /** The events of new objects. */
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
    // CDK's `eventBridgeEnabled` deploys a function that may change the notifications of every bucket.
    const bucket = this.node.defaultChild;
    if (!(bucket instanceof CfnBucket)) throw new Error('The default child of the bucket is not a CfnBucket.');
    bucket.addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration', { EventBridgeEnabled: true });
    acknowledge(
      this,
      'AwsSolutions-S1',
      'Files are reached by presigned URLs only, which the API logs. An access log would only add IP addresses, which are personal data.',
    );
  }
}
