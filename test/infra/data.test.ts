import { describe, expect, it } from 'vitest';
import { stageNamed } from '../../infra/stages.ts';
import { clientIndexes, projectedAttributes } from '../../lib/table/layout.ts';
import { resources, templateOf } from './synthesized.ts';

const dev = templateOf('dev');
const prod = templateOf('prod');

describe('the table', () => {
  it('is one, on demand, with a stream, a time to live and the list of clients in five orders', () => {
    dev.resourceCountIs('AWS::DynamoDB::Table', 1);
    dev.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'PK', KeyType: 'HASH' },
        { AttributeName: 'SK', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      GlobalSecondaryIndexes: Object.entries(clientIndexes).map(([IndexName, { partition, sort }]) => ({
        IndexName,
        KeySchema: [
          { AttributeName: partition, KeyType: 'HASH' },
          { AttributeName: sort, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: projectedAttributes },
      })),
    });
  });

  it('is protected in prod', () => {
    const [table] = Object.values(resources(prod, 'AWS::DynamoDB::Table'));
    expect(table?.DeletionPolicy).toBe('Retain');
    expect(table?.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('goes with the stack in dev', () => {
    const [table] = Object.values(resources(dev, 'AWS::DynamoDB::Table'));
    expect(table?.DeletionPolicy).toBe('Delete');
    expect(table?.Properties).toMatchObject({ DeletionProtectionEnabled: false });
  });
});

describe('the bucket of the documents', () => {
  it('is closed to everybody, keeps versions, encrypts, and tells the event bus of what happens in it', () => {
    dev.resourceCountIs('AWS::S3::Bucket', 1);
    dev.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
  });

  it('takes requests over TLS only, and its policy lets nobody in', () => {
    const [policy] = Object.values(resources(dev, 'AWS::S3::BucketPolicy'));
    expect(policy?.Properties.PolicyDocument).toMatchObject({
      Statement: [{ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    });
  });

  it('lets pages of the stage upload and download, with the headers that takes', () => {
    dev.hasResourceProperties('AWS::S3::Bucket', {
      CorsConfiguration: {
        CorsRules: [
          {
            AllowedOrigins: ['http://localhost:3000', 'http://localhost:5173'],
            AllowedMethods: ['PUT', 'GET', 'HEAD'],
            AllowedHeaders: ['content-type', 'if-none-match', 'range', 'x-amz-checksum-sha256'],
            ExposedHeaders: [
              'Content-Disposition',
              'Content-Range',
              'ETag',
              'x-amz-checksum-sha256',
              'x-amz-version-id',
            ],
          },
        ],
      },
    });
  });

  it.each([
    ['prod', prod, 30, 'Retain'],
    ['dev', dev, 1, 'Delete'],
  ])('forgets in %s what is no longer current, and half uploads after a day', (_stage, template, days, policy) => {
    const [bucket] = Object.values(resources(template, 'AWS::S3::Bucket'));
    expect(bucket?.DeletionPolicy).toBe(policy);
    expect(bucket?.Properties.LifecycleConfiguration).toEqual({
      Rules: [
        {
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          NoncurrentVersionExpiration: { NoncurrentDays: days },
          ExpiredObjectDeleteMarker: true,
        },
      ],
    });
  });

  it('has no function of its own that could empty it', () => {
    expect(JSON.stringify(dev.toJSON())).not.toMatch(/Custom::S3/);
  });
});

describe('the secrets', () => {
  it('are made by AWS and stand in no template', () => {
    dev.resourceCountIs('AWS::SecretsManager::Secret', 3);
    dev.allResourcesProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
    });
    expect(JSON.stringify(dev.toJSON())).not.toContain('"SecretString"');
  });

  it('outlive the stack in prod, as the logs do', () => {
    for (const type of ['AWS::SecretsManager::Secret', 'AWS::Logs::LogGroup'])
      for (const { DeletionPolicy } of Object.values(resources(prod, type))) expect(DeletionPolicy).toBe('Retain');
  });

  it('have the signing secret replaced every 30 days, but not by a deployment', () => {
    dev.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediatelyOnUpdate: false,
    });
    dev.hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
  });
});

describe('a stage', () => {
  it('has a stack of its own', () => {
    expect(stageNamed('dev').stackName).not.toBe(stageNamed('prod').stackName);
  });

  it.each(['staging', '', 'toString'])('named %j is refused, with the names there are', (name) => {
    expect(() => stageNamed(name)).toThrow(`There is no stage "${name}": choose one of dev, prod.`);
  });
});
