import { setTimeout } from 'node:timers/promises';
import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asObject, asString, parseJson } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';

export type Answer = { status: number; body: JsonObject; text: string };

/** Calls of the demo to the API, as one caller. */
export type DemoApi = ReturnType<typeof demoApi>;

export function demoApi(url: string, token?: string) {
  async function call(method: string, path: string, body?: Json, key?: string): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body === undefined
          ? {}
          : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: asObject(parseJson(text)), text };
  }

  /** @throws StartProblem unless it succeeds, saying what the demo could not do */
  async function must(what: string, method: string, path: string, body?: Json, key?: string): Promise<JsonObject> {
    const answer = await call(method, path, body, key);
    if (answer.status >= 300) throw unexpected(what, answer);
    return answer.body;
  }

  return {
    call,
    must,

    /** What `path` lists, by the text in this field. */
    async listBy(field: string, path: string): Promise<Map<string, JsonObject>> {
      const { data } = await must(`list ${path}`, 'GET', path);
      return new Map(asList(data).map((row) => [asString(asObject(row)[field]) ?? '', asObject(row)]));
    },
  };
}

/** How long the demo waits for a mail, and how often it looks. */
const MAIL_PATIENCE_MS = 30_000;
const MAIL_INTERVAL_MS = 50;

/** The token in the newest mail to an address that leads to a page, as soon as it has arrived. */
export async function findMailedToken(url: string, address: string, page: string): Promise<string> {
  const { call } = demoApi(url);
  const end = Date.now() + MAIL_PATIENCE_MS;
  for (;;) {
    const mails = asList(parseJson((await call('GET', `/_local/mail?to=${encodeURIComponent(address)}`)).text));
    const texts = mails.map((mail) => asString(asObject(mail).text) ?? '');
    const tokens = texts.flatMap((text) => new RegExp(`/${page}#([\\w-]+)`).exec(text)?.[1] ?? []);
    const newest = tokens.at(-1);
    if (newest !== undefined) return newest;
    if (Date.now() > end) throw new StartProblem('The demo company got no mail. Start with --empty to go without it.');
    await setTimeout(MAIL_INTERVAL_MS);
  }
}

export function unexpected(what: string, { status, text }: Answer): StartProblem {
  return new StartProblem(
    `The demo could not ${what}: status ${status} ${text.slice(0, 300)}. Start with --empty to go without it.`,
  );
}
