// `npm run cost -- --clients N --requests N [--mails N] [--stage prod]`: prints what a month costs.
import { parseArgs } from 'node:util';
import { stageNamed } from '../stages.ts';
import { costReport } from './report.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string' },
    requests: { type: 'string' },
    mails: { type: 'string', default: '0' },
    stage: { type: 'string', default: 'prod' },
  },
});

/** @throws Error that names the option if it is not a number from 0 */
function numberOf(option: 'clients' | 'requests' | 'mails'): number {
  const given = values[option] ?? '';
  if (!/^\d{1,12}$/.test(given))
    throw new Error(
      `--${option} needs a whole number. For instance: npm run cost -- --clients 100000 --requests 1000000`,
    );
  return Number(given);
}

try {
  const load = { clients: numberOf('clients'), requests: numberOf('requests'), mails: numberOf('mails') };
  console.log(costReport(stageNamed(values.stage), load));
} catch (error) {
  console.error(String(Object(error).message));
  process.exit(1);
}
