import { Pool } from 'undici';
import * as z from 'zod';
import { verifyOwner } from '../../support/verify-owner.ts';

/** Connections to a running stack. */
export interface Api {
  /** Sends a request and reads the whole answer. @throws Error with the answer, if it is not a success */
  send(method: Method, path: string, body?: object): Promise<string>;
  close(): Promise<void>;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface ApiOptions {
  url: string;
  connections: number;
  /** The bearer token of every request. */
  token?: string;
}

/** Opens so many connections; further requests wait for one. Costs the least CPU, because the stack has the same cores. */
export function openApi({ url, connections, token }: ApiOptions): Api {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const headersOfRead = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    async send(method, path, body) {
      const answer = await pool.request({
        method,
        path,
        headers: body === undefined ? headersOfRead : headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 300)
        throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text.slice(0, 300)}`);
      return text;
    },
    close: () => pool.close(),
  };
}

const SignedIn = z.object({ accessToken: z.string() });
const CreatedToken = z.object({ secret: z.string() });

/** Signs a company up and creates an API token that may do all that the load does. */
export async function signUpWithToken(url: string): Promise<string> {
  const api = openApi({ url, connections: 1 });
  const account = { company: 'load', email: 'owner@load.example', password: 'correct horse battery staple' };
  await api.send('POST', '/v1/companies', {
    company: { name: 'Load', slug: 'load', currency: 'EUR', language: 'en', country: 'DE', timezone: 'Europe/Berlin' },
    owner: { email: account.email, name: 'Owner', password: account.password },
  });
  await verifyOwner(url, { slug: account.company, email: account.email });
  const { accessToken } = SignedIn.parse(JSON.parse(await api.send('POST', '/v1/auth/sign-in', account)));
  await api.close();
  const owner = openApi({ url, connections: 1, token: accessToken });
  const created = await owner.send('POST', '/v1/api-tokens', { name: 'Load', role: 'admin' });
  await owner.close();
  return CreatedToken.parse(JSON.parse(created)).secret;
}
