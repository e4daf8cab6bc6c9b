/** The virtual environment that the Python checks share. Each check pins its packages in a requirements file. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../emulator/commands.ts';

const environment = join(root, '.venv');
export const python = join(environment, 'bin', 'python');

/** Creates `.venv` if it is missing, and installs the pinned packages that it lacks. */
export async function installPython(requirements: string): Promise<void> {
  if (isInstalled(requirements)) return;
  await run(
    'python3',
    ['-c', 'import sys; assert sys.version_info >= (3, 10), "Python 3.10 or later is needed"'],
    process.env,
  );
  if (!existsSync(python)) await run('python3', ['-m', 'venv', environment], process.env);
  await run(
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
    process.env,
  );
}

function isInstalled(requirements: string): boolean {
  const { stdout } = spawnSync(python, ['-m', 'pip', 'freeze'], { encoding: 'utf8' });
  const installed = new Set(stdout?.split('\n'));
  return readFileSync(requirements, 'utf8')
    .trim()
    .split('\n')
    .every((pin) => installed.has(pin));
}
