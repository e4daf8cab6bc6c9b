import { readFile } from 'node:fs/promises';
import middy from '@middy/core';
import { logger } from '../../lib/aws/logger.ts';
import { metrics } from '../../lib/aws/metrics.ts';
import type { HttpEvent, HttpResult } from '../../lib/http/event.ts';
import { requestTrace, securityHeaders } from '../../lib/http/middleware.ts';
import { problemJson } from '../../lib/http/problem-json.ts';
import { serveStatic, staticFile } from '../../lib/http/static-file.ts';
import { Problem, type ProblemCode, problems } from '../../lib/shared/errors.ts';
import routes from './routes.json' with { type: 'json' };

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

const readBundled = (name: string) => readFile(new URL(name, import.meta.url));

/** Caches the result of `make` for the life of the process. */
function memoize<T>(make: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= make());
}

/** What is served from a file, by its path. The files are compressed when the function is built. */
const files = new Map(
  Object.entries({
    '/openapi.json': ['application/json', 'openapi.json.gz'],
    '/docs': ['text/html', 'page.html.gz'],
    '/docs/start.js': ['text/javascript', 'start.js.gz'],
    '/docs/reference.js': ['text/javascript', 'standalone.js.gz'],
  } as const).map(([path, [type, name]]) => [path, memoize(async () => staticFile(type, await readBundled(name)))]),
);

/** Paths that lead to the reference page. `/` does so as long as there are no other pages, so browsers must not keep it. */
const redirects: Readonly<Record<string, number>> = { '/': 307, '/docs/': 308 };

const methodsByPath = Object.entries<readonly string[]>(routes).map(([template, methods]) => ({
  pattern: new RegExp(`^${template.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
  methods,
}));

const escapeHtml = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The page that a problem's `type` points to. */
function problemPage(code: ProblemCode): HttpResult {
  const { status, title, detail } = problems[code];
  const style =
    'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}';
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'public, max-age=300' };
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style><h1>${escapeHtml(title)}</h1><p>${escapeHtml(detail)}</p><p>Status ${status}, type <code>/problems/${code}</code>. <a href="/docs">API reference</a></p></html>`;
  return { statusCode: 200, headers, body };
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

async function serve({ rawPath: path, requestContext, headers }: HttpEvent): Promise<HttpResult> {
  const { method } = requestContext.http;
  // A preflight request: the gateway adds the CORS headers to this answer, and drops those of a function.
  if (method === 'OPTIONS') return { statusCode: 204, headers: {} };
  const isRead = method === 'GET' || method === 'HEAD';
  const file = files.get(path);
  if (isRead && file) return serveStatic(await file(), headers);
  const redirect = redirects[path];
  if (isRead && redirect !== undefined) return { statusCode: redirect, headers: { location: '/docs' }, body: '' };
  const [, code = ''] = /^\/problems\/([\w-]+)$/.exec(path) ?? [];
  if (isRead && isProblemCode(code)) return problemPage(code);
  // Several paths can match: `/v1/groups/report` also matches `/v1/groups/{groupId}`.
  const matching = methodsByPath.filter(({ pattern }) => pattern.test(path));
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
  .handler(serve);
