import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import { type InputFault, Problem, problems } from '../shared/errors.ts';
import type { HttpEvent, HttpResult } from './event.ts';
import type { Answer } from './idempotency.ts';

/** A problem as an RFC 9457 response. */
export function problemAnswer(problem: Problem, requestId: string): Answer {
  const { code, status, message: detail, errors, moreErrors, retryAfter, allow, first } = problem;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(status === 401 && { 'www-authenticate': 'Bearer realm="clientele"' }),
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...(allow !== undefined && { allow }),
    },
    body: JSON.stringify({
      type: `/problems/${code}`,
      title: problems[code].title,
      status,
      detail,
      instance: requestId,
      ...(errors && { errors: errors.map(toListedFault) }),
      ...(moreErrors > 0 && { moreErrors }),
      ...(first && { first }),
    }),
  };
}

/** Characters of the detail of a fault. A longer one repeats what a company or a sender wrote, such as a list of choices. */
const MAX_DETAIL = 500;

/** A fault as answers list it. */
function toListedFault({ pointer, code, detail }: InputFault): InputFault {
  const isShort = detail.length <= MAX_DETAIL;
  return { pointer, code, detail: isShort ? detail : `${detail.slice(0, MAX_DETAIL).toWellFormed()}…` };
}

/** Answers every error as problem+json. An error that is not a Problem is logged and answered as 500 without its details. */
export function problemJson(logger: Logger): MiddlewareObj<HttpEvent, HttpResult> {
  return {
    onError(request) {
      const { error } = request;
      const problem = error instanceof Problem ? error : new Problem('internal');
      if (problem.status >= 500 && error) logger.error('request failed', error);
      const { status, headers, body } = problemAnswer(problem, request.event.requestContext.requestId);
      request.response = { statusCode: status, headers, body };
    },
  };
}
