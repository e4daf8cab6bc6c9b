import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetAccountCommand, GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import type { Stage } from '../stages.ts';
import { codeOf, notChecked } from './errors.ts';
import type { Finding } from './finding.ts';
import { isPlaceholder } from './stage.ts';

/** Checks SES: the account, and the identity of the stage's sender. */
export async function checkMail(stage: Stage, region: string): Promise<Finding[]> {
  const { sender } = stage;
  if (sender === undefined)
    return [
      {
        level: 'warning',
        fact: `Stage ${stage.name} has no sender, so no mail is sent. The system log says so for each mail.`,
        advice: 'To send mail, deploy with -c sender=no-reply@<your domain>.',
      },
    ];
  if (isPlaceholder(sender))
    return [
      {
        level: 'error',
        fact: `The sender ${sender} is a placeholder: nobody can verify its domain.`,
        advice: `Set sender in infra/stages.ts, stage ${stage.name}, or deploy with -c sender=no-reply@<your domain>.`,
      },
    ];
  const ses = new SESv2Client({});
  const account = await checkSendingAccount(ses, region);
  if (account.some(({ level }) => level === 'error')) return account;
  return [...account, ...(await checkIdentity(ses, stage, sender))];
}

async function checkSendingAccount(ses: SESv2Client, region: string): Promise<Finding[]> {
  try {
    const { ProductionAccessEnabled, SendingEnabled } = await ses.send(new GetAccountCommand({}));
    const findings: Finding[] = [];
    if (SendingEnabled === false)
      findings.push({
        level: 'warning',
        fact: 'AWS has paused the sending of mail for this account. Mails wait for a day and then fail.',
        advice: 'Open the SES console: its account dashboard says why, and how to appeal.',
      });
    if (!ProductionAccessEnabled)
      findings.push({
        level: 'warning',
        fact: 'SES is in its sandbox: it sends to verified identities only. All other mails wait for a day and then fail.',
        advice: `Ask AWS for production access: SES console, region ${region}, account dashboard. An answer takes about a day.`,
      });
    if (findings.length === 0) findings.push({ level: 'ok', fact: 'SES may send mail to everybody.' });
    return findings;
  } catch (error) {
    if (codeOf(error) !== 'ENOTFOUND') return [notChecked('whether SES may send mail', error)];
    return [
      {
        level: 'error',
        fact: `The region ${region} has no SES.`,
        advice: 'Choose a region that the endpoints page of SES lists, for instance eu-west-1 or us-east-1.',
      },
    ];
  }
}

async function checkIdentity(ses: SESv2Client, stage: Stage, sender: string): Promise<Finding[]> {
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  try {
    const identity = await findIdentity(ses, stage.existingIdentity ? [sender, domain] : [domain]);
    if (identity === undefined) return [identityMissing(stage, domain)];
    const { name, verified, tokens } = identity;
    if (!stage.existingIdentity && !(await isOfStack(stage.stackName, name)))
      return [
        {
          level: 'error',
          fact: `${name} already is an SES identity of this account, and stack ${stage.stackName} did not create it. The deployment would fail on its name.`,
          advice: `Deploy with -c existingIdentity=true, or set existingIdentity in infra/stages.ts, stage ${stage.name}: the stack then uses it and leaves it alone.`,
        },
      ];
    if (verified) return [{ level: 'ok', fact: `The SES identity ${name} is verified.` }];
    const records = tokens.map((token) => `${token}._domainkey.${name} CNAME ${token}.dkim.amazonses.com`);
    return [
      {
        level: 'warning',
        fact: `The SES identity ${name} is not verified yet. Mails wait for a day and then fail.`,
        advice:
          records.length > 0
            ? `Create in its DNS: ${records.join('; ')}`
            : 'Follow the link in the mail that SES sent to the address.',
      },
    ];
  } catch (error) {
    return [notChecked(`whether ${domain} is an SES identity`, error)];
  }
}

function identityMissing({ name, existingIdentity }: Stage, domain: string): Finding {
  if (!existingIdentity)
    return {
      level: 'ok',
      fact: `The deployment creates the SES identity ${domain}. Its DNS records are in the outputs.`,
    };
  return {
    level: 'error',
    fact: `Stage ${name} uses an existing identity, but SES has none for ${domain} in this account and region.`,
    advice: 'Leave out existingIdentity: the deployment creates the identity then.',
  };
}

/** The first of the identities that exists. @throws the error of SES if it cannot be read */
async function findIdentity(ses: SESv2Client, names: readonly string[]) {
  for (const name of names)
    try {
      const found = await ses.send(new GetEmailIdentityCommand({ EmailIdentity: name }));
      const tokens = found.DkimAttributes?.Tokens ?? [];
      return { name, verified: found.VerifiedForSendingStatus === true, tokens };
    } catch (error) {
      if (codeOf(error) !== 'NotFoundException') throw error;
    }
  return undefined;
}

/** Whether a resource with this name is in a stack that is deployed. */
async function isOfStack(stackName: string, physicalId: string): Promise<boolean> {
  try {
    const { StackResources = [] } = await new CloudFormationClient({}).send(
      new DescribeStackResourcesCommand({ StackName: stackName }),
    );
    return StackResources.some(({ PhysicalResourceId }) => PhysicalResourceId === physicalId);
  } catch (error) {
    // CloudFormation has this code for a stack that does not exist.
    if (codeOf(error) === 'ValidationError') return false;
    throw error;
  }
}
