import { type Figure, percentile } from '../figures.ts';
import { usageIsKnown } from '../process-usage.ts';
import { type Outcome, type Sample, worstPercentile } from './drive.ts';
import { type Growth, INDEX_PATIENCE, type Measured, type Operation } from './phases.ts';

const P99_MILLISECONDS = 1000;
const MEGABYTES = 1200;
const LAG_SECONDS = 5;
const WINDOW_SECONDS = 10;

/** What the creations up to a size took, and what others met meanwhile. */
export function growthFigures(growth: Growth, aim: number, made: number): Figure[] {
  const group = `Load: creations up to ${aim} clients`;
  const stopped = made < aim ? `; stopped at ${made} clients after ${growth.seconds.toFixed(0)} s` : '';
  const all = [...growth.samples, ...growth.probes.samples];
  const worst = worstPercentile(all, WINDOW_SECONDS * 1000, 0.99);
  return [
    {
      group,
      name: 'create',
      value: rateOf(growth),
      unit: '/s',
      detail: `${growth.samples.length} in ${growth.seconds.toFixed(0)} s${coresOf(growth)}${stopped}`,
    },
    {
      group,
      name: 'p99 of all requests',
      value: percentile(tookOf(all), 0.99),
      unit: 'ms',
      most: P99_MILLISECONDS,
      detail: `worst ${WINDOW_SECONDS} s ${worst.toFixed(0)} ms; reads, lists and searches ${shownP99(growth.probes.samples)}`,
    },
    ...cpuFigures(group, '', growth),
    ...memoryFigure(group, '', growth),
    errorFigure(group, '', [...growth.errors, ...growth.probes.errors]),
    ...lagFigures(group, '', growth),
  ];
}

/** What one kind of request took at a size. */
export function operationFigures({ name, least }: Operation, measured: Measured, clients: number): Figure[] {
  const group = `Load: 16 connections at ${clients} clients`;
  const took = tookOf(measured.samples);
  return [
    {
      group,
      name,
      value: rateOf(measured),
      unit: '/s',
      least,
      detail: `${took.length} requests${coresOf(measured)}`,
    },
    { group, name: `${name}, p50`, value: percentile(took, 0.5), unit: 'ms' },
    { group, name: `${name}, p99`, value: percentile(took, 0.99), unit: 'ms', most: P99_MILLISECONDS },
    ...cpuFigures(group, `${name}, `, measured),
    ...memoryFigure(group, `${name}, `, measured),
    errorFigure(group, `${name}, `, measured.errors),
    ...lagFigures(group, `${name}, `, measured),
  ];
}

/** How many clients search did not find at the end. */
export function foundFigure({ samples, errors }: Outcome, clients: number): Figure {
  return {
    group: `Load: at the end, ${clients} clients`,
    name: 'not found by search',
    value: errors.length,
    unit: '',
    most: 0,
    detail: [`${samples.length + errors.length} searched for`, ...errors.slice(0, 1)].join('; '),
  };
}

function tookOf(samples: readonly Sample[]): number[] {
  return samples.map(({ took }) => took);
}

function rateOf({ samples, seconds }: Outcome): number {
  return samples.length / seconds;
}

/** How many cores the stack and the load had: when it was less than all, other programs slowed them down. */
function coresOf({ busy, seconds }: Measured): string {
  if (!usageIsKnown) return '';
  const cores = (milliseconds: number) => (milliseconds / 1000 / seconds).toFixed(2);
  return `; cores: host ${cores(busy.host)}, engine ${cores(busy.engine)}, load ${cores(busy.load)}`;
}

function shownP99(samples: readonly Sample[]): string {
  return samples.length === 0 ? 'not tried' : `${percentile(tookOf(samples), 0.99).toFixed(0)} ms`;
}

function cpuFigures(group: string, prefix: string, { cpu, samples, lag }: Measured): Figure[] {
  if (!usageIsKnown) return [];
  const each = (milliseconds: number) => milliseconds / samples.length;
  const detail = lag === undefined ? {} : { detail: 'until the index has caught up' };
  return [
    { group, name: `${prefix}CPU of the host`, value: each(cpu.host), unit: 'ms', ...detail },
    { group, name: `${prefix}CPU of the engine`, value: each(cpu.engine), unit: 'ms', ...detail },
  ];
}

function memoryFigure(group: string, prefix: string, { peak }: Measured): Figure[] {
  return usageIsKnown ? [{ group, name: `${prefix}memory at most`, value: peak, unit: 'MB', most: MEGABYTES }] : [];
}

function errorFigure(group: string, prefix: string, errors: readonly string[]): Figure {
  const [first] = errors;
  return {
    group,
    name: `${prefix}errors`,
    value: errors.length,
    unit: '',
    most: 0,
    ...(first !== undefined && { detail: first }),
  };
}

function lagFigures(group: string, prefix: string, { lag }: Measured): Figure[] {
  if (lag === undefined) return [];
  const figure = (name: string, value: number): Figure => ({
    group,
    name: `${prefix}${name}`,
    value,
    unit: 's',
    most: LAG_SECONDS,
    ...(value === Number.POSITIVE_INFINITY && { detail: `given up after ${INDEX_PATIENCE} s` }),
  });
  return [figure('last one found by search after', lag.found), figure('streams drained after', lag.drained)];
}
