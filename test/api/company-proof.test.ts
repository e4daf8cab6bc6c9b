import { describe, expect, inject, it } from 'vitest';
import { createClient, send, signUp } from '../support/api/client.ts';

describe.runIf(inject('apiIsLocal'))('the proof of all ledgers of a company (only local: invokes the function)', () => {
  it('is started by invoking the function, continues by itself, and reports its end', async () => {
    const company = await signUp();
    const { token } = company;
    const unitPrice = { amount: 1_000, currency: 'EUR' };
    for (let index = 0; index < 12; index++) {
      const { id: clientId } = await createClient(company, { name: `Client ${index}` });
      const lines = [{ description: 'Work', quantity: '1', unitPrice }];
      const { json } = await send('/v1/invoices', { token, body: { clientId, lines } });
      await send(`/v1/invoices/${json.id}/send`, { token, body: { mail: false } });
    }
    const invoke = async (body: unknown) => {
      const address = `${inject('apiUrl')}/_local/functions/ledger-proof`;
      return (await fetch(address, { method: 'POST', body: JSON.stringify(body) })).json();
    };
    expect(await invoke({ progress: company.id })).toBeNull();
    expect(await invoke({ prove: company.id })).toMatchObject({ status: 'running', clients: 0 });
    await expect
      .poll(() => invoke({ progress: company.id }), { timeout: 60_000, interval: 100 })
      .toMatchObject({ status: 'finished', clients: 12, differing: 0 });
  });
});
