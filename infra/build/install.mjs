// Runs on whatever Node starts it (20 or later), before anything is installed: plain JavaScript, built-ins only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const lockOf = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;

/** Whether what npm notes of its last install is what the lock file asks for. */
function isInstalled() {
  const note = join('node_modules', '.package-lock.json');
  if (!existsSync(join(root, note))) return false;
  const installed = lockOf(note);
  return Object.entries(lockOf('package-lock.json')).every(
    ([path, wanted]) => path === '' || wanted.optional || installed[path]?.version === wanted.version,
  );
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

if (!isInstalled()) {
  console.error('Installing the packages of package-lock.json (once) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail('npm ci failed; its message stands above.');
}

const pinned = existsSync(join(root, 'node_modules', '.bin', 'node'));
if (!pinned && Number(process.versions.node.split('.')[0]) < 24)
  fail(`Clientele needs Node 24 here: no pinned Node package exists for ${process.platform} ${process.arch}.`);
