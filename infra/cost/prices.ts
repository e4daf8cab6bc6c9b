/**
 * List prices in US dollars, without free tiers and discounts. Taken from the public price page of each service
 * (aws.amazon.com/<service>/pricing); check them there before you rely on a total.
 */
export const prices = {
  asOf: '2025-06-01',
  region: 'us-east-1',
  /** A month. */
  alarmMetric: 0.1,
  customMetric: 0.3,
  secret: 0.4,
  /** A million. */
  apiRequests: 1.0,
  lambdaRequests: 0.2,
  tableReadUnits: 0.125,
  tableWriteUnits: 0.625,
  queueRequests: 0.4,
  events: 1.0,
  /** A GB-second of a function on ARM. */
  lambdaGigabyteSecond: 0.0000133334,
  /** A thousand. */
  mails: 0.1,
  /** A GB. */
  logIngestion: 0.5,
  transferOut: 0.09,
  /** A GB and month. */
  logStorage: 0.03,
  tableStorage: 0.25,
  tableBackup: 0.2,
} as const;
