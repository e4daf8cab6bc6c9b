import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { loadDemo } from '../../infra/local/cli/demo.ts';
import { send } from '../support/api/client.ts';
import { exampleWorld, fillBody } from '../support/api/examples.ts';
import { type OwnStack, ownStack } from '../support/api/own-stack.ts';
import { type NamedRoute, NOWHERE, pathOf, routes } from '../support/api/routes.ts';

/** Records are created first. What ends them comes last, and at the very end what ends the session of the sender. */
function rankOf({ id, route }: NamedRoute): number {
  if (id === 'changePassword') return 3;
  if (route.method === 'DELETE') return 2;
  return route.reply.location ? 0 : 1;
}

/** As the contracts have them, so that a client is created before its contact. */
const inOrder = routes.toSorted((a, b) => rankOf(a) - rankOf(b));

/** Each example; an operation without one is sent as it is. */
const requests = inOrder.flatMap((named) =>
  (named.route.examples ?? [{}]).map((example, index) => ({ ...named, example, name: `${named.id} ${index + 1}` })),
);

describe.skipIf(!inject('apiIsLocal'))('examples in the demo company (only local: the demo company is there)', () => {
  let own: OwnStack;
  let world: Awaited<ReturnType<typeof exampleWorld>>;

  beforeAll(async () => {
    own = await ownStack();
    await loadDemo(own.stack.url, own.stack.data);
    world = await exampleWorld(own.stack.url);
  });
  afterAll(() => own?.stop());

  it.each(requests)('$name', async ({ id, route, example }) => {
    const filling = await world.prepare(id);
    const ids = { ...world.ids, ...filling.ids };
    const idsByParameter = Object.fromEntries(
      Object.entries(NOWHERE).map(([name, nowhere]) => [name, ids[nowhere.slice(0, 3)] ?? nowhere]),
    );
    const query = example.query ? `?${new URLSearchParams(example.query)}` : '';
    const answer = await send(pathOf(route, idsByParameter) + query, {
      method: route.method,
      body: fillBody(example.body, ids, filling.body),
      ...(route.access !== 'public' && { token: filling.token ?? world.token }),
    });
    const success = [route.reply.status, ...(route.reply.created ? [201] : [])];
    expect(success, answer.text).toContain(answer.status);
    // A bulk action answers 200 however its clients fared.
    for (const { status } of answer.json?.results ?? []) expect(status, answer.text).toBe(200);
    const created = answer.json?.id ?? answer.json?.document?.id;
    if (route.reply.location && typeof created === 'string') world.ids[created.slice(0, 3)] = created;
    if (id === 'createApiToken') world.ids.tok = answer.json.id;
  });
});
