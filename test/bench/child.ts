import { spawn } from 'node:child_process';

/** What every function has besides its own variables. Credentials are those of nobody. */
const lambda = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
};

/**
 * Runs a program in a process of its own and answers what it sends.
 * @throws Error with what it complained of, when it ends without having sent anything
 */
export async function askChild(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<unknown> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, ...lambda, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk;
  });
  let answer: unknown;
  child.once('message', (message) => {
    answer = message;
    child.kill();
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  if (answer === undefined) throw new Error(`${program} ${args.join(' ')} sent nothing. ${complaint}`);
  return answer;
}
