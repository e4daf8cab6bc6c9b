import * as z from 'zod';
import { contract } from '../../lib/http/contract.ts';

/** The API's own description. The page itself and what it loads are served beside these, outside the contract. */
export const docs = contract({
  getOpenApi: {
    method: 'GET',
    path: '/openapi.json',
    tag: 'Description',
    summary: 'This description as OpenAPI 3.1',
    access: 'public',
    reply: {
      status: 200,
      description: 'The OpenAPI document.',
      schema: z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApiDocument' }),
    },
    problems: [],
  },
});
