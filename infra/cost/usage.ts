/** What a month's use is assumed to be, where neither the template nor the arguments say it. */
export const usage = {
  /** The share of each operation among the requests, by its name among the access patterns. */
  mix: {
    getClient: 0.48,
    listClientsByName: 0.2,
    searchClients: 0.15,
    listActivity: 0.05,
    changeClient: 0.1,
    createClient: 0.02,
  },
  /** What precedes each request. */
  authorization: 'authorizeStaff',
  /** What follows from a write, in a worker. */
  followUps: { createClient: 'indexNewClient', changeClient: 'indexChangedClient' },
  /** Milliseconds that a call of a function is billed for. */
  requestMs: 40,
  workerMs: 30,
  /** Workers that read each change in the stream. */
  streamReaders: 2,
  /** Bytes that a request logs in all: access log, its own lines, and the lines of Lambda. */
  logBytes: 2_500,
  /** How small CloudWatch stores logs. */
  logCompression: 0.15,
  /** Bytes of an answer. */
  answerBytes: 5_000,
  /** Bytes that a client with a contact takes: 7 KB for itself, guards and the five indexes, the rest for its search. */
  clientBytes: 28_000,
  /** Calls a month by which Lambda looks for messages in one idle queue: five pollers, every 20 seconds. */
  pollsOfQueue: (5 * 3 * 60 * 24 * 365) / 12,
  /** Events that SES publishes about a mail. */
  eventsOfMail: 2,
} as const;
