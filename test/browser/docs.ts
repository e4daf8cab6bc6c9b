import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';

const TOKEN = 'clt_a-token-that-must-not-be-kept';

/** Has the timers of the page run out at once: it waits before it stores something. */
const IMPATIENT = `const later = window.setTimeout;
  window.setTimeout = (run, delay, ...args) => later(run, Math.min(delay ?? 0, 1), ...args);`;

/** Waits for so many timers, one after the other, so that those set before have run out. */
const afterTimers = (count: number) =>
  `(async () => { for (let i = 0; i < ${count}; i++) await new Promise((resolve) => setTimeout(resolve, 1)); })()`;

const PATIENCE = 60_000;

const Message = z.looseObject({
  id: z.int().optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
});
const Evaluated = z.object({ result: z.object({ value: z.unknown().optional() }) });
const Targets = z.array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string() }));

/** Opens the reference page in a browser of its own for as long as `use` takes. */
async function onReferencePage<T>(
  api: string,
  folder: string,
  use: (page: Awaited<ReturnType<typeof connect>>) => Promise<T>,
): Promise<T> {
  const browser = spawn(
    process.env.CHROMIUM ?? 'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
      ...['--disable-quic', '--no-first-run', '--disable-component-update', '--remote-debugging-port=0'],
      ...['--window-size=1400,1000', `--user-data-dir=${join(folder, `profile-${crypto.randomUUID()}`)}`],
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    const page = await connect(await debuggerOf(createInterface(browser.stderr)));
    await page.open(`${api}/docs`);
    await page.until(`document.querySelector('input[placeholder=Token]') !== null`);
    return await use(page);
  } finally {
    const ended = browser.exitCode === null && browser.signalCode === null && once(browser, 'exit');
    browser.kill('SIGTERM');
    await ended;
  }
}

async function enterToken(page: Awaited<ReturnType<typeof connect>>, token: string): Promise<void> {
  await page.evaluate(`document.querySelector('input[placeholder=Token]').focus()`);
  await page.call('Input.insertText', { text: token });
}

/**
 * Has a person paste a token into the reference page, and looks for it in all that the browser keeps for the page.
 *
 * @param folder for the profile of the browser
 * @returns whether the page took the token, and whether nothing of it was kept
 */
export function pasteToken(api: string, folder: string): Promise<[what: string, holds: boolean][]> {
  return onReferencePage(api, folder, async (page) => {
    await enterToken(page, TOKEN);
    const isTaken = await page.evaluate(`document.querySelector('input[placeholder=Token]').value.length > 0`);
    await page.evaluate(afterTimers(500));
    const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])');
    const databases = await page.evaluate('indexedDB.databases().then((all) => all.length)');
    return [
      ['the reference page takes a token', isTaken === true],
      ['the reference page keeps no token', typeof kept === 'string' && !kept.includes(TOKEN) && databases === 0],
    ];
  });
}

/**
 * Has a person send requests from the reference page as it offers them: create a client, list the clients, and read a client
 * without having filled in its id, which must not be sent.
 *
 * @param token of a user or program that may create clients
 */
export function testRequests(api: string, token: string, folder: string): Promise<[what: string, holds: boolean][]> {
  return onReferencePage(api, folder, async (page) => {
    await enterToken(page, token);
    const created = await offeredRequest(page, 'POST/v1/clients');
    const listed = await offeredRequest(page, 'GET/v1/clients');
    await openRequest(page, 'GET/v1/clients/{clientId}');
    await page.evaluate(SEND);
    await page.evaluate(afterTimers(500));
    const sent = await page.evaluate(SENT);
    return [
      ['the reference page creates a client with the request that it offers', created === 201],
      ['the reference page lists the clients with the request that it offers', listed === 200],
      ['the reference page sends no made-up id', sent === 2],
    ];
  });
}

const SEND = `[...document.querySelectorAll('button')].find((one) => one.textContent.trim().startsWith('SendSend'))?.click()`;
/** How many requests to the API the page has sent. */
const RESPONSES = `performance.getEntriesByType('resource').filter(({ name }) => name.includes('/v1/'))`;
const SENT = `${RESPONSES}.length`;

/** Opens the form that tests an operation, by the place of the operation on the page. */
async function openRequest(page: Awaited<ReturnType<typeof connect>>, operation: string): Promise<void> {
  const button = `[...(document.getElementById('api-1/tag/clients/${operation}')?.querySelectorAll('button') ?? [])].find((one) => one.textContent.includes('Test Request'))`;
  const sendButton = `[...document.querySelectorAll('button')].some((one) => one.textContent.endsWith('/${operation.replace(/^\w+/, '')}'))`;
  await page.evaluate(`location.hash = '#tag/clients/${operation}'`);
  await page.until(`${button} !== undefined`);
  await page.evaluate(`${button}.click()`);
  await page.until(sendButton);
}

/** Sends the request that the page offers for an operation. Returns the status of the answer. */
async function offeredRequest(page: Awaited<ReturnType<typeof connect>>, operation: string): Promise<unknown> {
  await openRequest(page, operation);
  const before = Number(await page.evaluate(SENT));
  await page.evaluate(SEND);
  await page.until(`${SENT} > ${before}`);
  const status = await page.evaluate(`${RESPONSES}.at(-1).responseStatus`);
  await page.call('Input.dispatchKeyEvent', {
    type: 'keyDown',
    key: 'Escape',
    code: 'Escape',
    windowsVirtualKeyCode: 27,
  });
  return status;
}

/** The address of the debugger of the first page, once the browser has printed where it listens. */
async function debuggerOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const [, host] = /^DevTools listening on ws:\/\/([^/]+)\//.exec(line) ?? [];
    if (host === undefined) continue;
    const targets = Targets.parse(await (await fetch(`http://${host}/json`)).json());
    const page = targets.find(({ type }) => type === 'page');
    if (page) return page.webSocketDebuggerUrl;
  }
  throw new Error('Chromium has no page to debug');
}

/** A page under the control of the DevTools protocol. */
async function connect(url: string) {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  let calls = 0;

  function next(isMeant: (message: z.output<typeof Message>) => boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error('Chromium does not answer')), PATIENCE);
      function read({ data }: MessageEvent): void {
        const message = Message.parse(JSON.parse(String(data)));
        if (!isMeant(message)) return;
        clearTimeout(patience);
        socket.removeEventListener('message', read);
        resolve(message.result);
      }
      socket.addEventListener('message', read);
    });
  }

  function call(method: string, params: object): Promise<unknown> {
    const id = ++calls;
    const answer = next((message) => message.id === id);
    socket.send(JSON.stringify({ id, method, params }));
    return answer;
  }

  async function evaluate(expression: string): Promise<unknown> {
    const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    return Evaluated.parse(answer).result.value;
  }

  return {
    call,
    evaluate,
    async open(url: string) {
      await call('Page.enable', {});
      await call('Page.addScriptToEvaluateOnNewDocument', { source: IMPATIENT });
      const loaded = next(({ method }) => method === 'Page.loadEventFired');
      await call('Page.navigate', { url });
      await loaded;
    },
    /** Waits until an expression is true. The page itself looks with each of its frames. */
    until: (expression: string) =>
      evaluate(
        `new Promise((resolve) => { const look = () => (${expression}) ? resolve(true) : requestAnimationFrame(look); look(); })`,
      ),
  };
}
