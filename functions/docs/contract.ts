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
    description:
      'The document that the reference page shows, for generators of clients and other tools. It is compressed with gzip for callers that accept it, and has an ETag.',
    access: 'public',
    reply: {
      status: 200,
      description: 'The OpenAPI document.',
      schema: z
        .looseObject({ openapi: z.string().describe('The version of OpenAPI.') })
        .meta({ id: 'OpenApiDocument' }),
    },
    versioned: true,
    problems: [],
  },
});
