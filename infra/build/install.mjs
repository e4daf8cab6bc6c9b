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

if (!isInstalled()) {
  console.error('Installing the packages of package-lock.json (once) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail('npm ci failed. Its message is above.');
}

const pinned = existsSync(join(root, 'node_modules', '.bin', 'node'));
if (!pinned && Number(process.versions.node.split('.')[0]) < 24)
  fail(`Clientele needs Node 24 here: no pinned Node package exists for ${process.platform} ${process.arch}.`);
