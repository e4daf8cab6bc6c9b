import type { BucketCors } from '../assembly/s3.ts';

type Ask = { origin: string | undefined; method: string; headers: readonly string[] };

/** The headers that let a page of another origin see an answer; none when no rule of the bucket fits. */
export function corsHeaders(rules: readonly BucketCors[], ask: Ask): Record<string, string> {
  const { origin } = ask;
  const rule = rules.find((one) => fits(one, ask));
  if (origin === undefined || rule === undefined) return {};
  const anyone = rule.origins.includes('*');
  return {
    'access-control-allow-origin': anyone ? '*' : origin,
    ...(anyone ? {} : { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': rule.methods.join(', '),
    ...(ask.headers.length === 0 ? {} : { 'access-control-allow-headers': ask.headers.join(', ') }),
    ...(rule.exposed.length === 0 ? {} : { 'access-control-expose-headers': rule.exposed.join(', ') }),
    ...(rule.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

function fits({ origins, methods, headers }: BucketCors, ask: Ask): boolean {
  return (
    ask.origin !== undefined &&
    origins.some((one) => covers(one, ask.origin ?? '')) &&
    methods.includes(ask.method) &&
    ask.headers.every((wanted) => headers.some((one) => covers(one, wanted)))
  );
}

/** S3 knows one `*` in an origin or a header name. */
function covers(pattern: string, text: string): boolean {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return pattern === text;
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
