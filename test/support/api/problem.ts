import { expect } from 'vitest';
import { type ProblemCode, problems } from '../../../lib/shared/errors.ts';
import { isFaultCode } from '../../../lib/shared/faults.ts';
import type { Answer } from './client.ts';

/** Expects the problem with all documented fields and, if pointers are given, with exactly these in any order. */
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

/** Expects one answer with exactly these faults, as `pointer code` in any order, in words of the API. */
export function expectFaults(answer: Answer, faults: readonly string[]): void {
  expectProblem(answer, 'validation');
  const errors: { pointer: string; code: string; detail: string }[] = answer.json.errors;
  expect(errors.map(({ pointer, code }) => `${pointer} ${code}`).sort()).toEqual([...faults].sort());
  for (const { code, detail } of errors) {
    expect(isFaultCode(code)).toBe(true);
    expect(detail).not.toMatch(/Invalid|expected|received|NaN|undefined/);
  }
}

export function pointersOf({ json }: Answer): string[] {
  const errors: { pointer: string }[] = json?.errors ?? [];
  return errors.map(({ pointer }) => pointer);
}

/** Headers that differ in every answer. */
const VARYING_HEADERS = ['x-request-id', 'apigw-requestid', 'date', 'content-length', 'x-amzn-requestid'];

/** What a caller sees of an answer, without what identifies the request. */
export function seen({ status, headers, text }: Answer): object {
  const requestId = headers.get('x-request-id') ?? '-';
  return {
    status,
    headers: Object.fromEntries([...headers].filter(([name]) => !VARYING_HEADERS.includes(name))),
    text: text.replaceAll(requestId, ''),
  };
}
