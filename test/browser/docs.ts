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

/**
 * Has a person paste a token into the reference page, and looks for it in all that the browser keeps for the page.
 *
 * @param folder for the profile of the browser
 * @returns whether the page took the token, and whether nothing of it was kept
 */
export async function pasteToken(api: string, folder: string): Promise<[what: string, holds: boolean][]> {
  const browser = spawn(
    process.env.CHROMIUM ?? 'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
      ...['--no-first-run', '--disable-component-update', '--remote-debugging-port=0', '--window-size=1400,1000'],
      `--user-data-dir=${join(folder, 'profile-docs')}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    const page = await connect(await debuggerOf(createInterface(browser.stderr)));
    await page.open(`${api}/docs`);
    await page.until(`document.querySelector('input[placeholder=Token]') !== null`);
    await page.evaluate(`document.querySelector('input[placeholder=Token]').focus()`);
    await page.call('Input.insertText', { text: TOKEN });
    const isTaken = await page.evaluate(`document.querySelector('input[placeholder=Token]').value.length > 0`);
    await page.evaluate(afterTimers(500));
    const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])');
    const databases = await page.evaluate('indexedDB.databases().then((all) => all.length)');
    return [
      ['the reference page takes a token', isTaken === true],
      ['the reference page keeps no token', typeof kept === 'string' && !kept.includes(TOKEN) && databases === 0],
    ];
  } finally {
    const ended = browser.exitCode === null && browser.signalCode === null && once(browser, 'exit');
    browser.kill('SIGTERM');
    await ended;
  }
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
