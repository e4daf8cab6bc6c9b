import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../emulator/commands.ts';

/** Runs the installation as another machine with another Node would. Without a PATH it finds no npm, so it installs nothing. */
function installOn(platform: string, arch: string, node: string) {
  const machine = `Object.defineProperties(process, { platform: { value: '${platform}' }, arch: { value: '${arch}' },
    versions: { value: { ...process.versions, node: '${node}' } } })`;
  const preload = `data:text/javascript,${encodeURIComponent(machine)}`;
  const script = join(root, 'infra', 'build', 'install.mjs');
  const { status, stderr } = spawnSync(process.execPath, ['--import', preload, script], { encoding: 'utf8', env: {} });
  return { status, says: stderr.trim() };
}

it.each([
  ['linux', 'x64', '20.0.0'],
  ['linux', 'arm64', '20.0.0'],
  ['darwin', 'arm64', '24.1.0'],
  ['darwin', 'x64', '26.0.0'],
])('%s %s with Node %s has what it needs', (platform, arch, node) => {
  expect(installOn(platform, arch, node)).toEqual({ status: 0, says: '' });
});

it.each([
  ['darwin', 'arm64', '22.0.0', /^On darwin arm64, Clientele needs Node 24 or later: install it from \S+$/],
  ['win32', 'x64', '24.0.0', /^On Windows, .* WSL\b.*\.$/],
])('%s %s with Node %s is told in one sentence what to install', (platform, arch, node, sentence) => {
  expect(installOn(platform, arch, node)).toEqual({ status: 1, says: expect.stringMatching(sentence) });
});
