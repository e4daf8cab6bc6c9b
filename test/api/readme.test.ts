import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';

interface Step {
  commands: string;
  printed: string;
}

/** The tour of the README: its commands and their documented output. */
function tour(): Step[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [section = ''] = /## A tour\n[\s\S]*?\n## /.exec(readme) ?? [];
  const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```\s+```(?:json|text)\n([\s\S]*?)```/g)];
  return blocks.map(([, commands = '', printed = '']) => ({ commands, printed }));
}

/** Masks what differs from run to run: ids, times and request ids. */
function mask(text: string): string {
  return text
    .replace(/\b([a-z]{2,4})_[0-9A-HJKMNP-TV-Z]{26}\b/g, '$1_…')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/"instance":"[^"]*"/g, '"instance":"…"')
    .trim();
}

const END = '--- end of step ---';

// The tour prints what ministack does not support: the file name of a download and the sender of a mail.
it.skipIf(!inject('apiIsLocal'))('the commands of the README print what the README says (only local)', async () => {
  const steps = tour();
  expect(steps.length).toBeGreaterThan(4);
  const script = steps.map(({ commands }) => `${commands}\nprintf '%s' '${END}'`).join('\n');
  const folder = mkdtempSync(join(tmpdir(), 'clientele-tour-'));
  try {
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-euo', 'pipefail', '-c', script.replace('http://127.0.0.1:3000', inject('apiUrl'))],
      { cwd: folder },
    );
    const printed = stdout.split(END).slice(0, steps.length);
    if (process.env.PRINT_TOUR) for (const text of printed) console.log(`TOUR ${text}`);
    expect(printed.map(mask)).toEqual(steps.map((step) => mask(step.printed)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
