import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { synthesize } from '../assembly/synth.ts';
import { messageOf, StartProblem } from '../shared/problem.ts';
import { checkDataFolder } from './data-folder.ts';
import { demoSignIn, loadDemo } from './demo.ts';
import { checkPort } from './listeners.ts';
import { type Options, readOptions, usage } from './options.ts';
import { type LocalStack, startLocal } from './start.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

// The reader of the output may end first (`npm start | head -1`); the stack keeps running.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  await main();
} catch (error) {
  // A problem is one sentence; anything else is a bug, and prints its stack.
  console.error(error instanceof StartProblem ? error.message : error);
  process.exit(1);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  await checkPort(options.port);
  checkDataFolder(options.data, options.fresh);
  const assembly = options.assembly ?? (await synthesize(root));
  const { port, data, fresh } = options;
  // Also the databases, whose files the engine and SQLite create, are readable by their owner only.
  process.umask(0o077);
  const stack = await startLocal({ assembly, data, port, fresh, log: (line) => console.error(line) });
  stopOnSignal(stack);
  if (!options.empty) await loadDemoOrStop(stack);
  printAddresses(stack, options);
}

async function loadDemoOrStop(stack: LocalStack): Promise<void> {
  try {
    await loadDemo(stack.url, stack.data);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

function stopOnSignal(stack: LocalStack): void {
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(130); // A second Ctrl-C does not wait.
    stopping = true;
    stack.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`The stack did not stop cleanly: ${messageOf(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function printAddresses({ url, dynamoDb }: LocalStack, { empty }: Options): void {
  console.log(`Clientele is ready at ${url}`);
  if (dynamoDb.engine !== 'dynoxide') console.log(`Engine ${dynamoDb.engine}`);
  console.log(`Docs   ${url}/docs`);
  console.log(`Inbox  ${url}/_local/inbox`);
  if (!empty) console.log(`Sign in\n  ${demoSignIn(url)}`);
}
