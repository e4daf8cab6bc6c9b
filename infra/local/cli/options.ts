import { parseArgs } from 'node:util';
import { messageOf, StartProblem } from '../shared/problem.ts';

export type Options = {
  port: number;
  data: string;
  fresh: boolean;
  empty: boolean;
  /** A cloud assembly to run as it is; without it the sources are synthesized. */
  assembly: string | undefined;
  help: boolean;
};

export const usage = `npm start -- [options]

  --port N        where the API is served on 127.0.0.1 (default 3000; 0 for any free port)
  --data DIR      where data is kept (default .local)
  --fresh         delete the data first
  --empty         do not load the demo company
  --assembly DIR  run this cloud assembly instead of synthesizing one
  --help          show this`;

/** Reads the command line. Throws StartProblem for anything it does not know. */
export function readOptions(arguments_: readonly string[]): Options {
  const { port, data, fresh, empty, assembly, help } = parse(arguments_);
  const number = /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (!(number <= 65_535)) throw new StartProblem(`The port must be a number from 0 to 65535, not "${port}".`);
  if (data === '') throw new StartProblem('The data folder must have a name.');
  return { port: number, data, fresh, empty, assembly, help };
}

function parse(arguments_: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...arguments_],
      options: {
        port: { type: 'string', default: '3000' },
        data: { type: 'string', default: '.local' },
        fresh: { type: 'boolean', default: false },
        empty: { type: 'boolean', default: false },
        assembly: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    const sentence = messageOf(error).split('. ')[0] ?? '';
    throw new StartProblem(
      `${sentence.replace(/\.$/, '')}; the options are --port, --data, --fresh, --empty, --assembly and --help.`,
    );
  }
}
