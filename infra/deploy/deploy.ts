// `npm run deploy`: checks the account, then runs `cdk deploy` with the same arguments. `-- --check-only` stops after the check.
import { spawnSync } from 'node:child_process';
import { type Stage, stageNamed, withSender } from '../stages.ts';
import { checkAccount } from './account.ts';
import { readArguments } from './arguments.ts';
import { describeFindings } from './finding.ts';

const { checkOnly, context, profile, forCdk } = readArguments(process.argv.slice(2));

function stageOrExit(): Stage {
  try {
    return withSender(stageNamed(context.stage ?? process.env.CLIENTELE_STAGE ?? 'dev'), context);
  } catch (error) {
    console.error(String(Object(error).message));
    process.exit(1);
  }
}

const stage = stageOrExit();
// The CDK reads both; the SDK has its own names for them.
if (profile !== undefined) process.env.AWS_PROFILE = profile;
const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
if (!AWS_REGION && AWS_DEFAULT_REGION) process.env.AWS_REGION = AWS_DEFAULT_REGION;
const findings = await checkAccount(stage);
console.log(describeFindings(findings));
if (findings.some(({ level }) => level === 'error')) {
  console.error('\nNothing was deployed: mend the errors first.');
  process.exit(1);
}
if (!checkOnly) {
  const { status } = spawnSync('cdk', ['deploy', 'Clientele', '--require-approval', 'broadening', ...forCdk], {
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
