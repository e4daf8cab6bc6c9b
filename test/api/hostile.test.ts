import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { problemsOf } from '../../lib/http/openapi.ts';
import { type Answer, createClient, send, signedInContact, signUpVerified, tokenOf } from '../support/api/client.ts';
import { createDocument } from '../support/api/documents.ts';
import { type HostileCaller, type HostileRequest, hostileRequests } from '../support/api/hostile.ts';
import { type OwnStack, ownStack } from '../support/api/own-stack.ts';

const REQUESTS = 3000;
const SEED = 20261125;
const AT_ONCE = 4;
const LIMIT_MS = 10_000;

/** What the gateway refuses by itself, before a function runs, is no problem document. */
const BY_GATEWAY = [400, 413, 431];

describe.skipIf(!inject('apiIsLocal'))('hostile requests (only local: reads /_local)', () => {
  let own: OwnStack;
  let ids: Record<string, string> = {};
  const tokens: Record<HostileCaller, string | undefined> = {
    owner: undefined,
    viewer: undefined,
    contact: undefined,
    nobody: undefined,
  };
  beforeAll(async () => {
    own = await ownStack();
    const company = await signUpVerified();
    const { token, userId } = company;
    tokens.owner = await tokenOf(company, 'owner');
    tokens.viewer = await tokenOf(company, 'viewer');
    // A contact of a client of its own: attacks on the other client do not sign it out.
    tokens.contact = (await signedInContact(company)).tokens.accessToken;
    const make = async (path: string, body: object) => (await send(path, { token, body })).json.id;
    const client = await createClient(company, { name: 'Attacked', contacts: [{ email: 'attacked@x.example' }] });
    const { document } = await createDocument(token, client.id, 'attacked');
    const spare = await send('/v1/api-tokens', { token, body: { name: 'spare', role: 'viewer' } });
    const line = { description: 'Attacked', quantity: '1', unitPrice: { amount: 1000, currency: 'EUR' } };
    ids = {
      clientId: client.id,
      contactId: client.contacts[0].id,
      documentId: document.id,
      userId,
      tokenId: spare.json.id,
      groupId: await make('/v1/groups', { name: 'Attacked' }),
      pricingId: await make('/v1/pricings', { name: 'Attacked' }),
      itemId: await make('/v1/items', { name: 'Attacked' }),
      logId: 'log_01JD8X3V5QZ7M2K4N6P8R0S1TA',
      invoiceId: await make('/v1/invoices', { clientId: client.id, lines: [line] }),
      paymentId: await make('/v1/payments', { clientId: client.id, amount: line.unitPrice, date: '2026-01-31' }),
      creditId: await make('/v1/credits', { clientId: client.id, amount: line.unitPrice }),
    };
  });
  afterAll(() => own?.stop());

  /** Why an answer must not be; undefined if it is as documented. `send` has compared it with the OpenAPI document. */
  function faultOf({ route: { route } }: HostileRequest, { status, json }: Answer): string | undefined {
    if (status >= 500) return `status ${status}`;
    if (status < 400) return undefined;
    const [, code] = /^\/problems\/([\w-]+)$/.exec(json?.type ?? '') ?? [];
    if (code === undefined) return BY_GATEWAY.includes(status) ? undefined : `status ${status} without a problem`;
    // A hostile path can lead to no operation at all.
    const documented = [...problemsOf(route), 'not-found', 'method-not-allowed'];
    return documented.some((one) => one === code) ? undefined : `the problem ${code} is not documented`;
  }

  async function attack(request: HostileRequest): Promise<string | undefined> {
    const { route, path, caller, headers, raw, kind } = request;
    const started = performance.now();
    const token = tokens[caller];
    let fault: string | undefined;
    try {
      const { method } = route.route;
      const answer = await send(path, { method, headers, ...(token && { token }), ...(raw !== undefined && { raw }) });
      fault = faultOf(request, answer);
    } catch (error) {
      fault = error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error);
    }
    const ms = performance.now() - started;
    if (ms > LIMIT_MS) fault = `${fault ?? 'answered'} after ${Math.round(ms)} ms`;
    return fault && `${route.id} as ${caller}, ${kind}: ${fault.slice(0, 300)}`;
  }

  it('of 3000 hostile requests none fails, hangs or is answered with what is not documented', async () => {
    const requests = hostileRequests(SEED, REQUESTS, ids);
    const faults: string[] = [];
    const waiting = requests.values();
    const attackers = Array.from({ length: AT_ONCE }, async () => {
      for (const request of waiting) {
        const fault = await attack(request);
        if (fault !== undefined) faults.push(fault);
      }
    });
    await Promise.all(attackers);
    expect(faults).toEqual([]);
  }, 480_000);

  it('afterwards no queue has a dead letter, the index has caught up, and the company works', async () => {
    const { url, queues, deadLetters } = own.stack;
    expect((await fetch(`${url}/_local/streams/drain`, { method: 'POST' })).status).toBe(204);
    // A message that a function refused waits for its next attempt.
    const left = () =>
      queues.models
        .map(({ name, arn }) => ({ name, ...queues.count(arn) }))
        .filter(({ visible, hidden, delayed }) => visible + hidden + delayed > 0);
    await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 60_000, interval: 200 });
    expect(deadLetters.list()).toEqual([]);
    const owner = { token: tokens.owner ?? '' };
    expect((await send('/v1/clients?archived=any', owner)).status).toBe(200);
    expect((await send(`/v1/clients/${ids.clientId}`, owner)).status).toBe(200);
    expect((await send('/v1/portal/me', { token: tokens.contact ?? '' })).status).toBe(200);
  });
});
