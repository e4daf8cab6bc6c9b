import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { Role } from '../../../lib/shared/roles.ts';
import { verifyOwner } from '../verify-owner.ts';
import { undocumented } from './documented.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a body is whatever the API answered
  json: any;
}

export interface Send {
  method?: string;
  token?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}

let apiUrl = inject('apiUrl');

/** Sends all further requests to this URL; without one, to the stack that all files share. */
export function useApi(url = inject('apiUrl')): void {
  apiUrl = url;
}

/**
 * Sends a request to the API. Throws if the OpenAPI document does not describe the answer, but not for an error status.
 */
export async function send(path: string, { method, token, body, raw, headers }: Send = {}): Promise<Answer> {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const verb = method ?? (content === undefined ? 'GET' : 'POST');
  const response = await fetch(apiUrl + path, {
    method: verb,
    headers: {
      ...(content !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(content !== undefined && { body: content }),
    redirect: 'manual',
  });
  const text = await response.text();
  const differences = undocumented(verb, path, { status: response.status, headers: response.headers, text });
  if (differences.length > 0)
    throw new Error(`${verb} ${path} answered ${response.status}: ${differences.join('; ')}\n${text.slice(0, 2000)}`);
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text ? JSON.parse(text) : undefined,
  };
}

export const PASSWORD = 'correct horse battery staple';

export interface TestCompany {
  slug: string;
  email: string;
  id: string;
  userId: string;
  /** The owner's access and refresh token. */
  token: string;
  refreshToken: string;
}

const unique = () => randomBytes(6).toString('hex');

const shared = new Map<string, Promise<TestCompany>>();

/**
 * A shared company, for tests that neither change the company nor depend on all of its data, such as lists or the next
 * number.
 */
export function sharedCompany(): Promise<TestCompany> {
  const company = shared.get(apiUrl) ?? signUp();
  shared.set(apiUrl, company);
  return company;
}

/** Creates a company and signs its owner in. */
export async function signUp(company: Record<string, unknown> = {}): Promise<TestCompany> {
  const slug = `test-${unique()}`;
  const email = `owner@${slug}.example`;
  const created = await send('/v1/companies', {
    body: {
      company: {
        name: 'Test Company',
        slug,
        currency: 'EUR',
        language: 'en',
        country: 'DE',
        timezone: 'Europe/Berlin',
        ...company,
      },
      owner: { email, name: 'Olive Owner', password: PASSWORD },
    },
  });
  if (created.status !== 201) throw new Error(`sign-up failed: ${created.text}`);
  const { accessToken, refreshToken } = await signIn(slug, email);
  return { slug, email, id: created.json.company.id, userId: created.json.user.id, token: accessToken, refreshToken };
}

/** Creates a company whose owner has verified the e-mail address, so that it can send mail to others. */
export async function signUpVerified(company: Record<string, unknown> = {}): Promise<TestCompany> {
  const created = await signUp(company);
  await verifyOwner(apiUrl, created);
  return created;
}

export async function signIn(slug: string, email: string, password = PASSWORD) {
  const answer = await send('/v1/auth/sign-in', { body: { company: slug, email, password } });
  if (answer.status !== 200) throw new Error(`sign-in failed: ${answer.text}`);
  return answer.json;
}

/** Creates an API token of the role and returns its secret. */
export async function tokenOf(company: TestCompany, role: Role): Promise<string> {
  const answer = await send('/v1/api-tokens', { token: company.token, body: { name: `a ${role}`, role } });
  if (answer.status !== 201) throw new Error(`no token: ${answer.text}`);
  return answer.json.secret;
}

export interface TestContact {
  clientId: string;
  id: string;
  username: string;
  tokens: { accessToken: string; refreshToken: string };
}

/** Creates a client with a contact, and signs the contact in to the portal. */
export async function signedInContact(company: TestCompany): Promise<TestContact> {
  const email = `${unique()}@contact.example`;
  const client = await createClient(company, { name: 'Portal', contacts: [{ firstName: 'Ada', email }] });
  const [{ id }] = client.contacts;
  const path = `/v1/clients/${client.id}/contacts/${id}/password`;
  const set = await send(path, { method: 'PUT', token: company.token, body: { password: PASSWORD } });
  if (set.status !== 200) throw new Error(`no password: ${set.text}`);
  const answer = await send('/v1/portal/sign-in', {
    body: { company: company.slug, username: email, password: PASSWORD },
  });
  if (answer.status !== 200) throw new Error(`no sign-in: ${answer.text}`);
  return { clientId: client.id, id, username: email, tokens: answer.json };
}

export async function contactToken(company: TestCompany): Promise<string> {
  return (await signedInContact(company)).tokens.accessToken;
}

/** Creates a client with the given fields. */
export async function createClient(company: TestCompany, fields: Record<string, unknown> = { name: 'A client' }) {
  const answer = await send('/v1/clients', { token: company.token, body: fields });
  if (answer.status !== 201) throw new Error(`no client: ${answer.text}`);
  return answer.json;
}
