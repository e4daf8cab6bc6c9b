import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import middy from '@middy/core';
import { logger } from '../../lib/aws/logger.ts';
import { metrics } from '../../lib/aws/metrics.ts';
import type { HttpEvent, HttpResult } from '../../lib/http/event.ts';
import { requestTrace, securityHeaders } from '../../lib/http/middleware.ts';
import { problemJson } from '../../lib/http/problem-json.ts';
import { Problem, type ProblemCode, problems } from '../../lib/shared/errors.ts';

/** The reference page loads everything from its own origin. Its script sets inline styles. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const START = `Scalar.createApiReference('#reference', {
  url: '/openapi.json', withDefaultFonts: false, telemetry: false, hideClientButton: true,
  agent: { disabled: true }, mcp: { disabled: true }, showDeveloperTools: 'never', theme: 'default', persistAuth: false,
  authentication: { preferredSecurityScheme: 'bearer' },
});`;

const readBundled = (name: string) => readFile(new URL(name, import.meta.url));

/** Caches the result of `make` for the life of the process. */
function memoize<T>(make: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= make());
}

const openApi = memoize(async () => (await readBundled('openapi.json')).toString());
const page = memoize(async () => (await readBundled('page.html')).toString());
// Compressed, because the script has 4 MB, base64 adds a third, and a Lambda response can have 6 MB.
const reference = memoize(async () => (await promisify(gzip)(await readBundled('standalone.js'))).toString('base64'));

const methodsByPath = memoize(async () => {
  const paths = Object.entries<Record<string, unknown>>(JSON.parse(await openApi()).paths);
  return paths.map(([template, methods]) => ({
    pattern: new RegExp(`^${template.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
    methods: Object.keys(methods).map((method) => method.toUpperCase()),
  }));
});

function text(type: string, body: string): HttpResult {
  return {
    statusCode: 200,
    headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'public, max-age=300' },
    body,
  };
}

const escapeHtml = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The page that a problem's `type` points to. */
function problemPage(code: ProblemCode): HttpResult {
  const { status, title, detail } = problems[code];
  const style =
    'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}';
  return text(
    'text/html',
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style><h1>${escapeHtml(title)}</h1><p>${escapeHtml(detail)}</p><p>Status ${status}, type <code>/problems/${code}</code>. <a href="/docs">API reference</a></p></html>`,
  );
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

async function serve({ method, path }: { method: string; path: string }): Promise<HttpResult> {
  // A preflight request: the gateway adds the CORS headers to this answer, and drops those of a function.
  if (method === 'OPTIONS') return { statusCode: 204, headers: {} };
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead && path === '/openapi.json') return text('application/json', await openApi());
  if (isRead && path === '/docs') return text('text/html', await page());
  if (isRead && path === '/docs/start.js') return text('text/javascript', START);
  if (isRead && path === '/docs/reference.js') {
    const script = text('text/javascript', await reference());
    return { ...script, headers: { ...script.headers, 'content-encoding': 'gzip' }, isBase64Encoded: true };
  }
  const [, code = ''] = /^\/problems\/([\w-]+)$/.exec(path) ?? [];
  if (isRead && isProblemCode(code)) return problemPage(code);
  // Several paths can match: `/v1/groups/report` also matches `/v1/groups/{groupId}`.
  const matching = (await methodsByPath()).filter(({ pattern }) => pattern.test(path));
  const allow = [...new Set(matching.flatMap(({ methods }) => methods))].join(', ');
  throw matching.length > 0 ? new Problem('method-not-allowed', { allow }) : new Problem('not-found');
}

/**
 * Serves the OpenAPI document and the reference page. As the gateway's `$default` it also answers all paths without a
 * route, and preflight requests of all paths.
 */
export const handler = middy<HttpEvent, HttpResult>()
  .use(requestTrace(logger, metrics, (routeKey) => (routeKey === '$default' ? 'rest' : 'docs')))
  .use(securityHeaders(PAGE_POLICY))
  .use(problemJson(logger))
  .handler((event) => serve({ method: event.requestContext.http.method, path: event.rawPath }));
