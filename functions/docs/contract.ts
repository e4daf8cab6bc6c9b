import * as z from 'zod';
import { contract } from '../../lib/http/contract.ts';

/**
 * The OpenAPI document. The same function also serves the reference page and its scripts, and answers preflight requests
 * (`OPTIONS /{proxy+}`): these are not part of the API.
 */
export const docs = contract({
  getOpenApi: {
    method: 'GET',
    path: '/openapi.json',
    tag: 'Description',
    summary: 'Read this OpenAPI 3.1 document',
    access: 'public',
    reply: {
      status: 200,
      description: 'The OpenAPI document.',
      schema: z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApiDocument' }),
    },
    problems: [],
  },
});
