import { Duration, Stack } from 'aws-cdk-lib';
import { type IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as Lambda, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { TableIndex } from '../../lib/table/layout.ts';
import type { Bundles } from '../build/bundles.ts';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';
import { sumOf } from './metrics.ts';

/** What a function may be granted on the table. Scan is not among them: no function of the stack may scan the table. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem'
  | 'ConditionCheckItem';

/**
 * What a function may be granted on the objects of the bucket. To presign a request takes the permission for the
 * request.
 */
export type ObjectAction = 'PutObject' | 'GetObject' | 'GetObjectVersion' | 'DeleteObject' | 'DeleteObjectVersion';

/**
 * What a function may be granted on the bucket itself. Without ListBucket, S3 answers 403 for an object that does not
 * exist.
 */
export type BucketAction = 'ListBucket' | 'ListBucketVersions';

export interface FeatureProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  /** Its folder in `functions/`. */
  readonly folder: string;
  /** One sentence for the description of its alarm: what users notice while it fails. */
  readonly impact: string;
  /** Files of the repository that it reads at run time. They are packed next to its code. */
  readonly files?: readonly string[];
  /** In MB. The CPU share grows with it. @default 512 */
  readonly memory?: number;
  /** At most 29 seconds, because API Gateway times out after 30. @default 10 seconds */
  readonly timeout?: Duration;
  readonly environment?: Readonly<Record<string, string>>;
  readonly table?: ITable;
  /** Granted on the table. A transaction needs the actions of its writes. @default none */
  readonly tableActions?: readonly TableAction[];
  /** The indexes that it may query. @default none */
  readonly queries?: readonly TableIndex[];
  readonly bucket?: IBucket;
  /** Granted on objects of the bucket. @default none */
  readonly objectActions?: readonly ObjectAction[];
  /** Grants them only on objects whose keys begin with this. @default every object */
  readonly objectPrefix?: string;
  /** Granted on the bucket itself. @default none */
  readonly bucketActions?: readonly BucketAction[];
  /** The secrets that it may read, by the name of the environment variable that gets the ARN. */
  readonly secrets?: Readonly<Record<string, ISecret>>;
}

const metricsNamespace = 'Clientele';
const longestTimeout = Duration.seconds(29);

/**
 * A Lambda function of `functions/` with a log group of its own, and a role that allows what its props say and no more.
 */
export class Feature extends Construct {
  readonly function: Lambda;
  readonly impact: string;
  readonly folder: string;
  private readonly role: Role;
  /** What the role allows. It is part of the role: as an AWS::IAM::Policy it would be one more resource per function. */
  private readonly permissions = new PolicyDocument();

  constructor(scope: Construct, id: string, props: FeatureProps) {
    super(scope, id);
    this.impact = props.impact;
    this.folder = props.folder;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.stage.logRetention,
      removalPolicy: props.stage.removalPolicy,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { permissions: this.permissions },
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
    this.function = new Lambda(this, 'Function', {
      description: `Clientele ${props.stage.name}: functions/${props.folder}`,
      code: props.bundles(props.folder, props.files),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memory ?? 512,
      timeout: timeout(props.timeout),
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      role: this.role,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: props.folder,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
        ...props.environment,
      },
    });
    if (props.table) this.useTable(props.table, props.tableActions ?? [], props.queries ?? []);
    if (props.bucket) this.useBucket(props.bucket, props);
    for (const [variable, secret] of Object.entries(props.secrets ?? {})) this.readSecret(variable, secret);
  }

  /** Grants actions on these resources while a string of the request's context is exactly as given. */
  allowWhere(key: string, value: string, actions: string[], ...resources: string[]): void {
    this.role.addToPolicy(new PolicyStatement({ actions, resources, conditions: { StringEquals: { [key]: value } } }));
  }

  /** Grants actions on exactly these resources. */
  allow(actions: string[], ...resources: string[]): void {
    this.permissions.addStatements(new PolicyStatement({ actions, resources }));
  }

  /** The number of calls that threw, timed out or were throttled. */
  failures(): IMetric {
    return sumOf(`${this.folder} failures`, {
      errors: this.function.metricErrors({ period: Duration.minutes(1) }),
      throttles: this.function.metricThrottles({ period: Duration.minutes(1) }),
    });
  }

  /** The sum of a metric that the function itself publishes through `lib/aws/metrics.ts`. */
  customMetric(metricName: string): IMetric {
    return new Metric({
      namespace: metricsNamespace,
      metricName,
      dimensionsMap: { service: this.folder },
      statistic: 'Sum',
      period: Duration.minutes(1),
    });
  }

  private useTable(table: ITable, actions: readonly TableAction[], indexes: readonly TableIndex[]): void {
    this.function.addEnvironment('TABLE_NAME', table.tableName);
    if (actions.length > 0)
      this.allow(
        actions.map((action) => `dynamodb:${action}`),
        table.tableArn,
      );
    if (indexes.length > 0)
      this.allow(['dynamodb:Query'], ...indexes.map((index) => `${table.tableArn}/index/${index}`));
  }

  private useBucket(
    bucket: IBucket,
    { objectActions: onObjects = [], objectPrefix = '', bucketActions: onBucket = [] }: FeatureProps,
  ): void {
    this.function.addEnvironment('BUCKET_NAME', bucket.bucketName);
    if (onObjects.length > 0) {
      this.allow(
        onObjects.map((action) => `s3:${action}`),
        bucket.arnForObjects(`${objectPrefix}*`),
      );
      const arn = Stack.of(this).resolve(bucket.bucketArn)['Fn::GetAtt'].join('.');
      acknowledge(
        this.role,
        `AwsSolutions-IAM5[Resource::<${arn}>/${objectPrefix}*]`,
        'The function may use objects of this bucket whose keys are not known yet, and presigns URLs only for those that its caller may see.',
      );
    }
    if (onBucket.length > 0)
      this.allow(
        onBucket.map((action) => `s3:${action}`),
        bucket.bucketArn,
      );
  }

  private readSecret(variable: string, secret: ISecret): void {
    this.function.addEnvironment(variable, secret.secretArn);
    this.allow(['secretsmanager:GetSecretValue'], secret.secretArn);
  }
}

function timeout(duration = Duration.seconds(10)): Duration {
  if (duration.toSeconds() > longestTimeout.toSeconds())
    throw new Error('A function may run for 29 seconds at most, because API Gateway times out after 30.');
  return duration;
}
