// Runs before anything is installed, on any Node from 20 on: plain JavaScript with built-in modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const lockOf = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;

/** Whether npm's record of its last install matches the lock file. */
function isInstalled() {
  const record = join('node_modules', '.package-lock.json');
  if (!existsSync(join(root, record))) return false;
  const installed = lockOf(record);
  return Object.entries(lockOf('package-lock.json')).every(
    ([path, locked]) => path === '' || locked.optional || installed[path]?.version === locked.version,
  );
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

const { platform, arch } = process;
if (platform === 'win32') fail('On Windows, Clientele runs inside WSL: install WSL, and run the command in it.');
// npm has Node as a package for some platforms only.
const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const comesWithNode = `node-${platform}-${arch}` in optionalDependencies;
if (!comesWithNode && Number(process.versions.node.split('.')[0]) < 24)
  fail(`On ${platform} ${arch}, Clientele needs Node 24 or later: install it from https://nodejs.org.`);

if (!isInstalled()) {
  console.error('Installing the packages of package-lock.json (once) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) fail('npm ci failed. Its message is above.');
}

if (comesWithNode && !existsSync(join(root, 'node_modules', '.bin', 'node')))
  fail('npm did not install its Node package: run npm ci without leaving out optional dependencies.');
