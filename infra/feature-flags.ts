import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };

/**
 * The CDK's recommended flags for new applications, of the version that package.json pins. They are set here and
 * override those of the CLI, so that `cdk synth` and `node infra/app.ts` produce the same template to the byte.
 */
export const featureFlags: Readonly<Record<string, unknown>> = {
  ...recommended,
  'aws:cdk:enable-path-metadata': false,
  'aws:cdk:enable-asset-metadata': false,
  'aws:cdk:disable-asset-staging': false,
};
