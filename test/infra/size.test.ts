import { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { expect, it } from 'vitest';
import { EventHandler } from '../../infra/constructs/event-handler.ts';
import { HttpFeature } from '../../infra/constructs/http-feature.ts';
import { QueueWorker } from '../../infra/constructs/queue-worker.ts';
import { Worker } from '../../infra/constructs/worker.ts';
import { stageNamed } from '../../infra/stages.ts';
import { alarmTemplateOf, clienteleStack, resources, templateOf } from './synthesized.ts';

/** CloudFormation allows 500. The rest is for a deployment that adds and removes at the same time. */
const most = 450;

const kinds = [
  ['HTTP function', HttpFeature],
  ['stream worker', Worker],
  ['queue worker', QueueWorker],
  ['event handler', EventHandler],
] as const;

const resourcesIn = ({ node }: IConstruct) => node.findAll().filter((one) => CfnResource.isCfnResource(one)).length;

/** What a function of each kind costs, for the message of the failure; `PRINT_RESOURCES=1` prints it at any time. */
function inventory(): string {
  const { stack } = clienteleStack(stageNamed('prod'));
  const lines = kinds.map(([name, Kind]) => {
    const counts = stack.node.children.filter((one) => one instanceof Kind).map(resourcesIn);
    return `${counts.length} × ${name}: ${Math.min(...counts)} to ${Math.max(...counts)} each`;
  });
  const routes = Object.keys(resources(templateOf('prod'), 'AWS::ApiGatewayV2::Route')).length;
  return [...lines, `routes: ${routes}`].join('\n');
}

it.each([
  ['Clientele', templateOf('prod')],
  ['its alarms', alarmTemplateOf('prod')],
])('the stack of %s has less than 450 resources', (name, template) => {
  const count = Object.keys(template.toJSON().Resources).length;
  const text = `${name}: ${count} resources of ${most}\n${inventory()}`;
  if (process.env.PRINT_RESOURCES) console.log(text);
  expect(count, text).toBeLessThan(most);
});

it('the nested stack of the alarms has less than 150 parameters, of 200', () => {
  const [nested] = Object.values(resources(templateOf('prod'), 'AWS::CloudFormation::Stack'));
  expect(Object.keys(Object(nested?.Properties.Parameters)).length).toBeLessThan(150);
});
