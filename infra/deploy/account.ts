import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Stage } from '../stages.ts';
import { codeOf, notChecked } from './errors.ts';
import type { Finding } from './finding.ts';
import { checkMail } from './mail.ts';
import { checkStage } from './stage.ts';

/** The version of the bootstrap stack that the CDK's deployments need. */
const BOOTSTRAP_VERSION = 6;
/** Concurrent executions below which a Lambda account is new and its quota not raised yet. */
const FEW_EXECUTIONS = 100;

/**
 * Checks what the stage needs of the account and region that the environment names. Reads only: seven calls.
 * @returns nothing but the error, if there are no region or no credentials
 */
export async function checkAccount(stage: Stage): Promise<Finding[]> {
  const sts = new STSClient({});
  const region = await sts.config.region().catch(() => undefined);
  if (!region)
    return [
      {
        level: 'error',
        fact: 'No region is set.',
        advice: 'Set AWS_REGION, for instance to eu-west-1, or a region in the profile.',
      },
    ];
  const identity = await sts.send(new GetCallerIdentityCommand({})).catch((error: unknown) => codeOf(error));
  if (typeof identity === 'string') return [noCredentials(identity, region)];
  const place = { account: identity.Account ?? '', region };
  const found = await Promise.all([checkBootstrap(place), checkMail(stage, region), checkConcurrency(region)]);
  return [
    { level: 'ok', fact: `Stage ${stage.name} goes into account ${place.account}, region ${region}.` },
    ...checkStage(stage),
    ...found.flat(),
  ];
}

function noCredentials(code: string, region: string): Finding {
  if (code === 'ENOTFOUND' || code === 'ECONNREFUSED' || code === 'EAI_AGAIN')
    return {
      level: 'error',
      fact: `AWS cannot be reached in the region "${region}" (${code}).`,
      advice: 'Check the name of the region and the connection.',
    };
  const expired = code.startsWith('Expired');
  return {
    level: 'error',
    fact: expired ? `The AWS credentials have expired (${code}).` : `There are no valid AWS credentials (${code}).`,
    advice:
      'Sign in again (aws sso login), set AWS_PROFILE, or put AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY into the environment.',
  };
}

async function checkBootstrap({ account, region }: { account: string; region: string }): Promise<Finding[]> {
  const advice = `Run: npx cdk bootstrap aws://${account}/${region}`;
  try {
    const { Parameter } = await new SSMClient({}).send(
      new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' }),
    );
    const version = Number(Parameter?.Value);
    if (version >= BOOTSTRAP_VERSION) return [{ level: 'ok', fact: `The CDK is bootstrapped (version ${version}).` }];
    const fact = `The CDK's bootstrap stack has version ${version}, and version ${BOOTSTRAP_VERSION} is needed.`;
    return [{ level: 'error', fact, advice }];
  } catch (error) {
    if (codeOf(error) !== 'ParameterNotFound') return [notChecked('whether the CDK is bootstrapped', error)];
    return [{ level: 'error', fact: 'The CDK is not bootstrapped in this account and region.', advice }];
  }
}

/** A request takes one execution; new accounts have ten for everything. */
async function checkConcurrency(region: string): Promise<Finding[]> {
  try {
    const { AccountLimit } = await new LambdaClient({}).send(new GetAccountSettingsCommand({}));
    const limit = AccountLimit?.ConcurrentExecutions ?? 0;
    if (limit >= FEW_EXECUTIONS) return [{ level: 'ok', fact: `Lambda may run ${limit} executions at a time.` }];
    return [
      {
        level: 'warning',
        fact: `Lambda may run ${limit} executions at a time, and each request takes one. Requests beyond are answered 503.`,
        advice: `Before going live, ask for 1000: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000 --region ${region}`,
      },
    ];
  } catch (error) {
    return [notChecked('how many executions Lambda may run at a time', error)];
  }
}
