import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from '../../infra/build/bundles.ts';
import { readAssembly } from '../../infra/local/assembly/assembly.ts';
import type { Figure } from './figures.ts';

/** A bundle to run: of a function as synthesized, or of the floor. */
export interface Subject {
  name: string;
  file: string;
  environment: Readonly<Record<string, string>>;
}

const BYTES = 520 * 1024;

/** Parts that a function carries only when it has a use for them, by the packages that they come from. */
const parts = {
  'DynamoDB client': ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb', '@aws-sdk/util-dynamodb'],
  'secrets client': ['@aws-sdk/client-secrets-manager'],
  AWS: ['@aws-sdk/core', '@smithy/core'],
  zod: ['zod'],
  jose: ['jose'],
  ulid: ['ulid'],
  middy: ['@middy/core'],
  metrics: ['@aws-lambda-powertools/metrics'],
  'queue client': ['@aws-sdk/client-sqs'],
  'mail client': ['@aws-sdk/client-sesv2'],
  MIME: ['nodemailer'],
  Markdown: ['markdown-it'],
  'phone numbers': ['libphonenumber-js'],
  'VAT numbers': ['jsvat'],
  'search for credentials': ['@aws-sdk/credential-provider-node', '@aws-sdk/credential-provider-sso'],
} as const;
type Part = keyof typeof parts;

/** Parts that one kind of function has a use for and most have none. */
const ofMail: readonly Part[] = ['mail client', 'MIME', 'Markdown'];
const ofClients: readonly Part[] = ['phone numbers', 'VAT numbers'];
const never: readonly Part[] = ['mail client', 'search for credentials'];
const plain: readonly Part[] = [...never, ...ofMail, ...ofClients, 'queue client'];
/** Of functions that no request reaches. */
const background: readonly Part[] = [...plain, 'jose', 'middy', 'metrics', 'secrets client'];

/** What each function has no use for. A new function has to say what that is for it. */
const useless: Readonly<Record<string, readonly Part[]>> = {
  accounts: plain,
  authorizer: [...plain, 'ulid', 'middy', 'metrics'],
  'client-bulk': [...never, ...ofMail, 'queue client', 'jose', 'secrets client'],
  'client-index': [...background, 'ulid'],
  'client-settings': [...plain, 'jose', 'secrets client'],
  'client-users': [...plain, 'jose'],
  clients: [...never, ...ofMail, 'queue client', 'jose'],
  company: [...plain, 'jose', 'ulid', 'secrets client'],
  contacts: [...never, ...ofMail, 'VAT numbers', 'queue client', 'jose'],
  deletions: background,
  docs: [...plain, 'AWS', 'DynamoDB client', 'secrets client', 'zod', 'jose', 'ulid'],
  'document-received': background,
  documents: [...plain, 'jose'],
  groups: [...plain, 'jose'],
  mail: [...plain, 'jose', 'secrets client'],
  'mail-events': background,
  'mail-sender': [...never, ...ofClients, 'queue client', 'jose', 'middy'],
  portal: plain,
  pricings: [...plain, 'jose'],
  relay: [...never, ...ofMail, ...ofClients, 'DynamoDB client', 'secrets client', 'jose', 'ulid', 'middy', 'metrics'],
  'signing-key': [...plain, 'DynamoDB client', 'zod', 'jose', 'ulid', 'middy', 'metrics'],
  team: [...plain, 'jose'],
  templates: [...never, 'MIME', ...ofClients, 'queue client', 'jose'],
  traces: [...plain, 'jose', 'ulid'],
};

/** The bundle of every function of the assembly. */
export function functionSubjects(assembly: string): Subject[] {
  return readAssembly(assembly).functions.map(({ assetDirectory, environment }) => ({
    name: environment.POWERTOOLS_SERVICE_NAME ?? '',
    file: join(assetDirectory, 'index.mjs'),
    environment,
  }));
}

/**
 * The floor function as the CDK's NodejsFunction bundles one and, with `trimmed`, as ours are: without the SDK's search
 * for credentials.
 */
export async function floorSubject(folder: string, trimmed = false): Promise<Subject> {
  const name = trimmed ? 'floor without the credential chain' : 'floor';
  const outdir = join(folder, trimmed ? 'trimmed' : 'floor');
  await build({
    ...bundleOptions,
    ...(!trimmed && { alias: {} }),
    entryPoints: [{ in: join(import.meta.dirname, 'floor.ts'), out: 'index' }],
    outdir,
  });
  return {
    name,
    file: join(outdir, 'index.mjs'),
    environment: { NODE_OPTIONS: '--enable-source-maps', TABLE_NAME: 'Floor' },
  };
}

/** Size and contents of every function's bundle. */
export function bundleFigures(assembly: string, subjects: readonly Subject[]): Figure[] {
  const sizes = subjects.map(
    ({ name, file }): Figure => ({
      group: 'Bundle size',
      name,
      value: statSync(file).size / 1024,
      unit: 'KB',
      bar: BYTES / 1024,
    }),
  );
  const contents = subjects.map(({ name }): Figure => {
    const found = uselessPartsOf(assembly, name);
    return {
      group: 'Parts carried without a use',
      name,
      value: found.length,
      unit: '',
      bar: 0,
      detail: found.join(', '),
    };
  });
  return [...sizes, ...contents];
}

function uselessPartsOf(assembly: string, name: string): string[] {
  const denied = useless[name];
  if (!denied) return ['test/bench/bundles.ts does not say what this function has no use for'];
  const { inputs }: { inputs: Record<string, { bytesInOutput: number }> } = JSON.parse(
    readFileSync(join(assembly, 'bundles', `${name}.meta.json`), 'utf8'),
  );
  const carried = Object.keys(inputs).filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0);
  const isOf = (path: string, packageName: string) => path.includes(`node_modules/${packageName}/`);
  return denied.flatMap((part) => {
    const guilty = parts[part].filter((packageName) => carried.some((path) => isOf(path, packageName)));
    return guilty.length > 0 ? [`${part} (${guilty.join(', ')})`] : [];
  });
}
