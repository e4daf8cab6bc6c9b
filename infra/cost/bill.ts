import type { Units } from './access-patterns.ts';
import { prices } from './prices.ts';
import type { BilledResources } from './template.ts';
import { usage } from './usage.ts';

/** A month of use. */
export interface Load {
  /** Clients stored. */
  readonly clients: number;
  readonly requests: number;
  readonly mails: number;
}

export interface BillLine {
  readonly service: string;
  /** What is billed, with its number. */
  readonly what: string;
  /** US dollars a month. */
  readonly dollars: number;
}

const MILLION = 1_000_000;
const GB = 1_000_000_000;
const count = (value: number) => Math.round(value).toLocaleString('en-US');
const gigabytes = (value: number) => `${value.toFixed(1)} GB`;

/** The monthly bill by service. @throws Error if an operation of the mix is not among the access patterns */
export function monthlyBill(stack: BilledResources, patterns: ReadonlyMap<string, Units>, load: Load): BillLine[] {
  const units = unitsOfRequests(patterns, load.requests);
  const changes = load.requests * (usage.mix.changeClient + usage.mix.createClient);
  const workerCalls = changes * usage.streamReaders + load.mails * 3;
  const gigabyteSeconds = (stack.memory * (load.requests * usage.requestMs + workerCalls * usage.workerMs)) / 1000;
  const logs = (load.requests * usage.logBytes) / GB;
  const transfer = (load.requests * usage.answerBytes) / GB;
  const stored = (load.clients * usage.clientBytes) / GB;
  const keptLogs = logs * usage.logCompression * stack.logMonths;
  const polls = stack.polledQueues * usage.pollsOfQueue;
  const metrics = stack.httpFunctions * 3;
  const bill: BillLine[] = [
    {
      service: 'CloudWatch',
      what: `${stack.alarmMetrics} alarm metrics`,
      dollars: stack.alarmMetrics * prices.alarmMetric,
    },
    {
      service: 'CloudWatch',
      what: `${metrics} custom metrics of the API's functions`,
      dollars: metrics * prices.customMetric,
    },
    { service: 'CloudWatch', what: `logs, ${gigabytes(logs)}`, dollars: logs * prices.logIngestion },
    {
      service: 'CloudWatch',
      what: `logs kept ${Math.round(stack.logMonths)} months`,
      dollars: keptLogs * prices.logStorage,
    },
    { service: 'Secrets Manager', what: `${stack.secrets} secrets`, dollars: stack.secrets * prices.secret },
    {
      service: 'SQS',
      what: `Lambda polls ${stack.polledQueues} queues`,
      dollars: (polls / MILLION) * prices.queueRequests,
    },
    {
      service: 'API Gateway',
      what: `${count(load.requests)} requests`,
      dollars: (load.requests / MILLION) * prices.apiRequests,
    },
    { service: 'Data transfer', what: `${gigabytes(transfer)} of answers`, dollars: transfer * prices.transferOut },
    {
      service: 'Lambda',
      what: `${count(load.requests + workerCalls)} calls`,
      dollars: ((load.requests + workerCalls) / MILLION) * prices.lambdaRequests,
    },
    {
      service: 'Lambda',
      what: `${count(gigabyteSeconds)} GB-seconds`,
      dollars: gigabyteSeconds * prices.lambdaGigabyteSecond,
    },
    {
      service: 'DynamoDB',
      what: `${count(units.reads)} read units`,
      dollars: (units.reads / MILLION) * prices.tableReadUnits,
    },
    {
      service: 'DynamoDB',
      what: `${count(units.writes)} write units`,
      dollars: (units.writes / MILLION) * prices.tableWriteUnits,
    },
    { service: 'DynamoDB', what: `${gigabytes(stored)} with indexes`, dollars: stored * prices.tableStorage },
  ];
  if (stack.hasBackup)
    bill.push({ service: 'DynamoDB', what: 'point-in-time recovery', dollars: stored * prices.tableBackup });
  if (load.mails > 0) {
    bill.push({ service: 'SES', what: `${count(load.mails)} mails`, dollars: (load.mails / 1000) * prices.mails });
    const events = load.mails * usage.eventsOfMail;
    bill.push({
      service: 'EventBridge',
      what: `${count(events)} events of mails`,
      dollars: (events / MILLION) * prices.events,
    });
  }
  return bill;
}

/** What creating so many clients costs once, in US dollars: the writes, and the writes of the search index. */
export function costOfCreation(patterns: ReadonlyMap<string, Units>, clients: number) {
  const dollarsOf = (name: string) => (unitsOf(patterns, name).writes * clients * prices.tableWriteUnits) / MILLION;
  return { writes: dollarsOf('createClient'), index: dollarsOf(usage.followUps.createClient) };
}

function unitsOfRequests(patterns: ReadonlyMap<string, Units>, requests: number): Units {
  const followUps: Readonly<Record<string, string>> = usage.followUps;
  const used = Object.entries(usage.mix).flatMap(([name, share]) => {
    const names = [usage.authorization, name, ...(followUps[name] === undefined ? [] : [followUps[name]])];
    return names.map((one) => ({ ...unitsOf(patterns, one), calls: share * requests }));
  });
  return {
    reads: used.reduce((total, { reads, calls }) => total + reads * calls, 0),
    writes: used.reduce((total, { writes, calls }) => total + writes * calls, 0),
  };
}

function unitsOf(patterns: ReadonlyMap<string, Units>, name: string): Units {
  const units = patterns.get(name);
  if (units === undefined)
    throw new Error(`lib/table/README.md has no access pattern ${name}: see infra/cost/usage.ts.`);
  return units;
}
