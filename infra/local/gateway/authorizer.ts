import type { AuthorizerModel } from '../assembly/http.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import type { JsonObject } from '../shared/json.ts';
import { asObject, isObject, parseJson } from '../shared/json.ts';
import { authorizerEvent, identityOf, type RoutedRequest } from './http-event.ts';
import { gatewayMessage, type HttpResponse } from './http-response.ts';

export type Authorization = { refusal: HttpResponse } | { context: JsonObject | undefined };

export type Authorizers = { authorize(model: AuthorizerModel, routed: RoutedRequest): Promise<Authorization> };

type Decision = { isAuthorized: boolean; context: JsonObject | undefined };
type Cached = { until: number; decision: Decision };

/** API Gateway keeps no more than this per API either; the exact number is not known. */
const maximumEntries = 10_000;

/** Asks Lambda authorizers, remembering a decision per identity for as long as the template says. */
export function createAuthorizers(functions: ReadonlyMap<string, LambdaFunction>): Authorizers {
  const cache = new Map<string, Cached>();

  async function decide(
    model: AuthorizerModel,
    routed: RoutedRequest,
    identity: string[],
  ): Promise<Decision | undefined> {
    const key = JSON.stringify([model.logicalId, identity]);
    const known = cache.get(key);
    if (known !== undefined && known.until > Date.now()) return known.decision;
    const event = JSON.stringify(authorizerEvent(routed, model, identity));
    const outcome = await functions.get(model.functionName)?.invoke(event);
    const decision = outcome?.ok ? readDecision(outcome.result) : undefined;
    if (decision !== undefined && model.cacheSeconds > 0) {
      if (cache.size >= maximumEntries) cache.clear();
      cache.set(key, { until: Date.now() + model.cacheSeconds * 1000, decision });
    }
    return decision;
  }

  return {
    async authorize(model, routed) {
      const identity = identityOf(model.identitySources, routed);
      if (identity === undefined) return { refusal: gatewayMessage(401, 'Unauthorized') };
      const decision = await decide(model, routed, identity);
      if (decision === undefined) return { refusal: gatewayMessage(500, 'Internal Server Error') };
      return decision.isAuthorized ? { context: decision.context } : { refusal: gatewayMessage(403, 'Forbidden') };
    },
  };
}

/** Reads a simple response; anything else is a mistake of the authorizer. */
function readDecision(result: string): Decision | undefined {
  const value = parseJson(result);
  if (!isObject(value) || typeof value.isAuthorized !== 'boolean') return undefined;
  return {
    isAuthorized: value.isAuthorized,
    context: value.context === undefined ? undefined : asObject(value.context),
  };
}
