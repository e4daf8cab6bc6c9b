import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleFunctions } from './build/bundles.ts';
import { ClienteleStack } from './clientele-stack.ts';
import { featureFlags } from './feature-flags.ts';
import { stageNamed, withSender } from './stages.ts';

const app = new App({
  outdir: process.env.CDK_OUTDIR ?? 'cdk.out',
  autoSynth: false,
  analyticsReporting: false,
  treeMetadata: false,
  postCliContext: { ...featureFlags },
});
const named = stageNamed(app.node.tryGetContext('stage') ?? process.env.CLIENTELE_STAGE ?? 'dev');
const stage = withSender(named, {
  sender: app.node.tryGetContext('sender'),
  existingIdentity: app.node.tryGetContext('existingIdentity'),
});
const bundles = await bundleFunctions(app.outdir);
new ClienteleStack(app, 'Clientele', { stage, bundles });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
