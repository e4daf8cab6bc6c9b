import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleFunctions } from './build/bundles.ts';
import { ClienteleStack } from './clientele-stack.ts';
import { featureFlags } from './feature-flags.ts';
import { stageNamed } from './stages.ts';

const app = new App({
  outdir: process.env.CDK_OUTDIR ?? 'cdk.out',
  autoSynth: false,
  analyticsReporting: false,
  treeMetadata: false,
  postCliContext: { ...featureFlags },
});
const stage = stageNamed(app.node.tryGetContext('stage') ?? process.env.CLIENTELE_STAGE ?? 'dev');
const bundles = await bundleFunctions(app.outdir);
new ClienteleStack(app, 'Clientele', { stage, bundles });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
