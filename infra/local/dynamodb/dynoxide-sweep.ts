import type { JsonObject } from '../shared/json.ts';

/** Has dynoxide delete the expired items, which it does only when asked over MCP. */
export async function sweepTimeToLive(url: string, token: string): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
  };
  let session: string | null = null;
  const send = async (message: JsonObject) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: session === null ? headers : { ...headers, 'mcp-session-id': session },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
    session ??= response.headers.get('mcp-session-id');
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`The time-to-live sweep was refused with status ${response.status}.`);
  };
  const clientInfo = { name: 'clientele-local', version: '1' };
  await send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo } });
  await send({ method: 'notifications/initialized' });
  await send({ id: 2, method: 'tools/call', params: { name: 'sweep_ttl', arguments: {} } });
}
