import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { readAssembly } from '../../infra/local/assembly/assembly.ts';
import { matchesWildcard } from '../../infra/local/endpoint/policies.ts';
import { type OwnStack, ownStack } from '../support/api/own-stack.ts';
import { TEST_ASSEMBLY } from '../support/assembly.ts';
import { tour } from './tour.ts';

const Call = z.object({
  function: z.string(),
  action: z.string(),
  allowed: z.boolean(),
  authorizations: z.array(z.object({ action: z.string(), resource: z.string() })),
});

/** A queue event with a message that every function refuses. */
const INVALID_MESSAGE = {
  Records: [
    {
      messageId: 'senseless',
      receiptHandle: 'senseless',
      body: '{"entity":"nothing"}',
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
    },
  ],
};

const local = inject('apiIsLocal');

describe.skipIf(!local)('on a stack of its own (only local: reads /_local)', () => {
  let own: OwnStack;
  beforeAll(async () => {
    own = await ownStack();
  });
  afterAll(() => own?.stop());

  const onLocal = async (path: string, method = 'GET', body?: object) => {
    const response = await fetch(`${own.stack.url}/_local/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };

  it('every function uses each of its permissions, and none is denied', async () => {
    // New processes without caches, and an empty record of calls.
    await own.restart();
    const company = await tour();
    await onLocal('functions/client-index', 'POST', { rebuild: 'all' });
    await onLocal('functions/ledger-proof', 'POST', { prove: company.id });
    await onLocal('streams/drain', 'POST');
    // Functions that may postpone messages do so with an invalid one.
    for (const { name, environment } of own.stack.model.functions)
      if (environment.QUEUE_URL !== undefined) await onLocal(`functions/${name}`, 'POST', INVALID_MESSAGE);
    const calls = z.array(Call).parse(JSON.parse((await onLocal('calls')).text));
    expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);

    const { functions } = readAssembly(TEST_ASSEMBLY);
    const unused = functions.flatMap(({ name, environment, statements }) => {
      const used = calls.filter((call) => call.function === name).flatMap(({ authorizations }) => authorizations);
      return statements.flatMap(({ actions, resources }) =>
        actions
          .filter((action) => !action.startsWith('logs:'))
          .flatMap((action) =>
            resources
              .filter(
                (granted) => !used.some((call) => call.action === action && matchesWildcard(granted, call.resource)),
              )
              .map((resource) => `${environment.POWERTOOLS_SERVICE_NAME ?? name}: ${action} ${resource}`),
          ),
      );
    });
    expect(unused).toEqual([]);
  });

  it('every policy names its actions and resources', () => {
    for (const { name, statements } of readAssembly(TEST_ASSEMBLY).functions)
      for (const { actions, resources, notActions, notResources, conditions } of statements) {
        expect({ name, notActions, notResources }).toEqual({ name, notActions: [], notResources: [] });
        expect(actions.filter((action) => action.includes('*'))).toEqual([]);
        // Lambda names the streams of a log group, and the keys of objects are not known at deployment.
        const inOnePlace = /^arn:aws:(logs:.*:log-group:[^*?]+:|s3:::[^*?/]+\/(logos\/)?)\*$/;
        // In SES's sandbox the permission is needed for identities of recipients. The condition leaves one sender.
        const ofOneSender = conditions.some(
          ({ operator, key }) => `${operator} ${key}` === 'StringEquals ses:FromAddress',
        );
        const mayHaveWildcard = (resource: string) =>
          inOnePlace.test(resource) || (ofOneSender && /^arn:aws:ses:[^*?]+:identity\/\*$/.test(resource));
        expect(resources.filter((resource) => /\*|\?/.test(resource) && !mayHaveWildcard(resource))).toEqual([]);
      }
  });
});
