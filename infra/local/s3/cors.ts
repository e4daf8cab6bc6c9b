import type { BucketCors } from '../assembly/s3.ts';

type CorsRequest = { origin: string | undefined; method: string; headers: readonly string[] };

/** The CORS headers of a response; none when no rule of the bucket matches. */
export function corsHeaders(rules: readonly BucketCors[], request: CorsRequest): Record<string, string> {
  const { origin } = request;
  const rule = rules.find((candidate) => matches(candidate, request));
  if (origin === undefined || rule === undefined) return {};
  const anyone = rule.origins.includes('*');
  return {
    'access-control-allow-origin': anyone ? '*' : origin,
    ...(anyone ? {} : { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': rule.methods.join(', '),
    ...(request.headers.length === 0 ? {} : { 'access-control-allow-headers': request.headers.join(', ') }),
    ...(rule.exposed.length === 0 ? {} : { 'access-control-expose-headers': rule.exposed.join(', ') }),
    ...(rule.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

function matches({ origins, methods, headers }: BucketCors, request: CorsRequest): boolean {
  return (
    request.origin !== undefined &&
    origins.some((one) => covers(one, request.origin ?? '')) &&
    methods.includes(request.method) &&
    request.headers.every((wanted) => headers.some((one) => covers(one, wanted)))
  );
}

/** A pattern of an origin or a header name may contain one `*`. */
function covers(pattern: string, text: string): boolean {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return pattern === text;
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
