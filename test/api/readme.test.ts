import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, inject, it } from 'vitest';

interface Step {
  commands: string;
  output: string;
}

/** The tour of the README: its commands, and the output that it promises. */
function readTour(): Step[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [section = ''] = /## A tour\n[\s\S]*?\n## /.exec(readme) ?? [];
  const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```\s+```(?:json|text)\n([\s\S]*?)```/g)];
  return blocks.map(([, commands = '', output = '']) => ({ commands, output }));
}

/** Replaces what differs from run to run: ids and times. */
function mask(text: string): string {
  return text
    .replace(/\b([a-z]{2,4})_[0-9A-HJKMNP-TV-Z]{26}\b/g, '$1_…')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .trim();
}

const END = '--- end of step ---';
const steps = readTour();
const folder = mkdtempSync(join(tmpdir(), 'clientele-tour-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

// ministack has neither the names of downloads nor the display names of senders.
it.skipIf(!inject('apiIsLocal')).each(['the first', 'the second'])(
  'the commands of the README print what the README says, %s time (only local)',
  async () => {
    expect(steps.length).toBeGreaterThan(4);
    const script = steps.map(({ commands }) => `${commands}\nprintf '%s' '${END}'`).join('\n');
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-euo', 'pipefail', '-c', script.replace('http://127.0.0.1:3000', inject('apiUrl'))],
      // The tour makes its own folder below TMPDIR. It waits in loops without an end.
      { cwd: folder, env: { ...process.env, TMPDIR: folder }, timeout: 120_000 },
    );
    const outputs = stdout.split(END).slice(0, steps.length);
    expect(outputs.map(mask)).toEqual(steps.map(({ output }) => mask(output)));
  },
);
