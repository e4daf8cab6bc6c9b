import { Duration, Stack } from 'aws-cdk-lib';
import { type IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as Lambda, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { ClientIndex } from '../../lib/table/layout.ts';
import type { Bundles } from '../build/bundles.ts';
import type { Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';
import { sumOf } from './metrics.ts';

/** What a function may be granted on the table. There is no Scan here, so there is none in the stack. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem';

/** What a function may be granted on the objects of the bucket. Presigning a URL takes the same as the request itself. */
export type ObjectAction = 'PutObject' | 'GetObject' | 'GetObjectVersion' | 'DeleteObject' | 'DeleteObjectVersion';

/** What a function may be granted on the bucket as a whole. Without ListBucket, S3 says 403 of an object that is not there. */
export type BucketAction = 'ListBucket' | 'ListBucketVersions';

export interface FeatureProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  /** Its folder in `functions/`. */
  readonly folder: string;
  /** One sentence: what callers cannot do while it fails. Goes into its alarm. */
  readonly impact: string;
  /** Files of the repository that it reads at run time, put beside its code. */
  readonly files?: readonly string[];
  /** MB; the share of a CPU grows with it. @default 512 */
  readonly memory?: number;
  /** At most 29 seconds, after which the API gives up. @default 10 seconds */
  readonly timeout?: Duration;
  readonly environment?: Readonly<Record<string, string>>;
  readonly table?: ITable;
  /** On the table itself. A transaction needs the actions of its members. @default none */
  readonly tableActions?: readonly TableAction[];
  /** Indexes it may query. @default none */
  readonly queries?: readonly ClientIndex[];
  readonly bucket?: IBucket;
  /** On every object of the bucket. @default none */
  readonly objectActions?: readonly ObjectAction[];
  /** On the bucket itself. @default none */
  readonly bucketActions?: readonly BucketAction[];
  /** Secrets it may read, each by the name of the variable that holds the ARN. */
  readonly secrets?: Readonly<Record<string, ISecret>>;
}

const metricsNamespace = 'Clientele';
const longestTimeout = Duration.seconds(29);

/** A Lambda function of `functions/`, with its own log group and a role that allows what is written here and no more. */
export class Feature extends Construct {
  readonly function: Lambda;
  readonly impact: string;
  readonly folder: string;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: FeatureProps) {
    super(scope, id);
    this.impact = props.impact;
    this.folder = props.folder;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.stage.logRetention,
      removalPolicy: props.stage.removalPolicy,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
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
    if (props.bucket) this.useBucket(props.bucket, props.objectActions ?? [], props.bucketActions ?? []);
    for (const [variable, secret] of Object.entries(props.secrets ?? {})) this.readSecret(variable, secret);
  }

  /** Adds a permission on exactly these resources. */
  allow(actions: string[], ...resources: string[]): void {
    this.role.addToPolicy(new PolicyStatement({ actions, resources }));
  }

  /** Calls that did not run to their end: thrown, timed out, or not started for want of concurrency. */
  failures(): IMetric {
    return sumOf(`${this.folder} failures`, {
      errors: this.function.metricErrors({ period: Duration.minutes(1) }),
      throttles: this.function.metricThrottles({ period: Duration.minutes(1) }),
    });
  }

  /** How often the function itself counted something, as `lib/platform/metrics.ts` has it. */
  counted(metricName: string): IMetric {
    return new Metric({
      namespace: metricsNamespace,
      metricName,
      dimensionsMap: { service: this.folder },
      statistic: 'Sum',
      period: Duration.minutes(1),
    });
  }

  private useTable(table: ITable, actions: readonly TableAction[], indexes: readonly ClientIndex[]): void {
    this.function.addEnvironment('TABLE_NAME', table.tableName);
    if (actions.length > 0)
      this.allow(
        actions.map((action) => `dynamodb:${action}`),
        table.tableArn,
      );
    if (indexes.length > 0)
      this.allow(['dynamodb:Query'], ...indexes.map((index) => `${table.tableArn}/index/${index}`));
  }

  private useBucket(bucket: IBucket, onObjects: readonly ObjectAction[], onBucket: readonly BucketAction[]): void {
    this.function.addEnvironment('BUCKET_NAME', bucket.bucketName);
    if (onObjects.length > 0) {
      this.allow(
        onObjects.map((action) => `s3:${action}`),
        bucket.arnForObjects('*'),
      );
      const arn = Stack.of(this).resolve(bucket.bucketArn)['Fn::GetAtt'].join('.');
      acknowledge(
        this.role,
        `AwsSolutions-IAM5[Resource::<${arn}>/*]`,
        'The objects of one bucket; the function presigns a URL only for those that its caller may have.',
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

function timeout(wanted = Duration.seconds(10)): Duration {
  if (wanted.toSeconds() > longestTimeout.toSeconds()) throw new Error('The API gives up after 29 seconds.');
  return wanted;
}
