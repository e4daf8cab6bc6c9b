import { expect } from 'vitest';
import { type ProblemCode, problems } from '../../../lib/shared/errors.ts';
import type { Answer } from './client.ts';

/** Expects the problem in its whole documented shape, and where pointers are given just these, in any order. */
export function expectProblem(answer: Answer, code: ProblemCode, pointers?: readonly string[]): void {
  const { status, headers, json } = answer;
  expect({ status, type: json?.type, errors: json?.errors }).toEqual({
    status: problems[code].status,
    type: `/problems/${code}`,
    errors: json?.errors,
  });
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(headers.get('x-request-id')).toMatch(/^[\w=-]{8,}$/);
  expect(json).toMatchObject({
    title: problems[code].title,
    status: problems[code].status,
    detail: expect.stringMatching(/\S/),
    instance: headers.get('x-request-id'),
  });
  if (pointers) expect(pointersOf(answer).sort()).toEqual([...pointers].sort());
}

export function pointersOf({ json }: Answer): string[] {
  const errors: { pointer: string }[] = json?.errors ?? [];
  return errors.map(({ pointer }) => pointer);
}

/** Headers that are another's on every answer. */
const OWN = ['x-request-id', 'apigw-requestid', 'date', 'content-length', 'x-amzn-requestid'];

/** All that a caller sees of an answer but for what names the request. */
export function seen({ status, headers, text }: Answer): object {
  const requestId = headers.get('x-request-id') ?? '-';
  return {
    status,
    headers: Object.fromEntries([...headers].filter(([name]) => !OWN.includes(name))),
    text: text.replaceAll(requestId, ''),
  };
}
