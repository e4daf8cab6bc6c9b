import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Stage, stageNamed, withSender } from '../../infra/stages.ts';
import { clienteleStack, folderOf, resources, templateOf } from './synthesized.ts';

const templateWith = (stage: Stage) => Template.fromStack(clienteleStack(stage).stack);

/** The environment of the function that sends mail, and what its role may do with SES. */
function senderOf(template: Template) {
  const sender = Object.values(resources(template, 'AWS::Lambda::Function')).find(
    (one) => folderOf(one) === 'mail-sender',
  );
  const Environment = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });
  const policies = JSON.stringify([resources(template, 'AWS::IAM::Policy'), resources(template, 'AWS::IAM::Role')]);
  return { environment: Environment.parse(sender?.Properties).Environment.Variables, policies };
}

describe('mail', () => {
  it('a first deployment that fails takes the SES identity away again, and prod keeps it otherwise', () => {
    const identities = (name: string) => Object.values(resources(templateOf(name), 'AWS::SES::EmailIdentity'));
    expect(identities('prod')).toMatchObject([
      { DeletionPolicy: 'RetainExceptOnCreate', Properties: { EmailIdentity: 'clientele.example' } },
    ]);
    expect(identities('test')).toMatchObject([{ DeletionPolicy: 'Delete' }]);
  });

  it('the sender is allowed for all identities, because of the sandbox, but only from its own address', () => {
    const { environment, policies } = senderOf(templateOf('prod'));
    expect(environment).toMatchObject({ MAIL_FROM: 'no-reply@clientele.example' });
    expect(policies).toContain('"Condition":{"StringEquals":{"ses:FromAddress":"no-reply@clientele.example"}}');
    expect(policies.match(/:identity\//g)).toHaveLength(1);
  });

  it('a stage with an existing identity creates none, and sends from it', () => {
    const template = templateWith({ ...stageNamed('prod'), existingIdentity: true });
    template.resourceCountIs('AWS::SES::EmailIdentity', 0);
    expect(Object.keys(template.findOutputs('*')).filter((name) => name.includes('Dkim'))).toEqual([]);
    expect(senderOf(template).policies).toContain('ses:FromAddress');
  });

  it('a stage without a sender has no identity, and its function may not send', () => {
    const template = templateOf('dev');
    template.resourceCountIs('AWS::SES::EmailIdentity', 0);
    const { environment, policies } = senderOf(template);
    expect(environment).not.toHaveProperty('MAIL_FROM');
    expect(policies).not.toContain('ses:');
  });

  it('SES keeps mail from addresses that bounced or complained for any company', () => {
    templateOf('dev').hasResourceProperties('AWS::SES::ConfigurationSet', {
      SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
  });

  it('the deployment names the sender of a stage', () => {
    const dev = stageNamed('dev');
    expect(withSender(dev, {})).toEqual(dev);
    expect(withSender(dev, { sender: 'hello@studio.example', existingIdentity: 'true' })).toMatchObject({
      sender: 'hello@studio.example',
      existingIdentity: true,
    });
    for (const sender of ['studio.example', 'Studio <a@studio.example>', 'a@b', '', 7])
      expect(() => withSender(dev, { sender })).toThrow('is no e-mail address');
  });
});
