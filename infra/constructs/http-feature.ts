import { Duration } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { FeatureName } from '../../functions/contracts.ts';
import { acceptsIdempotencyKey, type Contract, type Route } from '../../lib/http/contract.ts';
import type { FeatureSpec } from '../features.ts';
import { Feature, type FeatureProps, type TableAction } from './feature.ts';

export interface HttpFeatureProps extends Pick<FeatureProps, 'stage' | 'bundles'> {
  readonly folder: FeatureName;
  readonly contract: Contract;
  readonly spec: FeatureSpec;
  readonly table: NonNullable<FeatureProps['table']>;
  readonly bucket: IBucket;
  /** The material of the keys that encrypt list cursors, and fingerprints and answers of idempotent requests. */
  readonly applicationSecret: ISecret;
}

/** The function of a contract. It gets table, bucket and secret only if its contract or its spec needs them. */
export class HttpFeature extends Feature {
  constructor(
    scope: Construct,
    { stage, bundles, folder, contract, spec, table, bucket, applicationSecret }: HttpFeatureProps,
  ) {
    const routes = Object.values(contract);
    const tableActions = new Set([...(spec.tableActions ?? []), ...frameActions(routes)]);
    const usesBucket = spec.objectActions !== undefined || spec.bucketActions !== undefined;
    super(scope, constructId(folder), {
      stage,
      bundles,
      folder,
      impact: spec.impact,
      memory: spec.memory,
      timeout: spec.timeoutSeconds === undefined ? undefined : Duration.seconds(spec.timeoutSeconds),
      files: spec.files,
      environment: spec.environment?.(stage),
      ...(tableActions.size > 0 && { table, tableActions: [...tableActions], queries: spec.queries }),
      ...(usesBucket && {
        bucket,
        objectActions: spec.objectActions,
        objectPrefix: spec.objectPrefix,
        bucketActions: spec.bucketActions,
      }),
      ...((spec.applicationSecret || routes.some(needsSecret)) && {
        secrets: { APPLICATION_SECRET_ARN: applicationSecret },
      }),
    });
  }
}

/** `client-bulk` → `ClientBulk`. */
function constructId(folder: string): string {
  return folder.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * What the frame of the routes needs on the table, to resolve bearer tokens and to store the answers to
 * Idempotency-Keys.
 */
function frameActions(routes: readonly Route[]): TableAction[] {
  const needsCaller = routes.some(({ access }) => access !== 'public');
  return [
    // UpdateItem stores the first use of an API token on each day.
    ...(needsCaller ? (['BatchGetItem', 'UpdateItem'] as const) : []),
    ...(routes.some(acceptsIdempotencyKey) ? (['PutItem', 'UpdateItem'] as const) : []),
  ];
}

/** The frame seals the cursors of lists, and the answers that it keeps for an Idempotency-Key. */
function needsSecret(route: Route): boolean {
  const isList = route.query !== undefined && 'cursor' in route.query.shape;
  return isList || acceptsIdempotencyKey(route);
}
