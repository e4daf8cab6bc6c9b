import type { Route } from '../../lib/http/contract.ts';
import type { HttpEvent } from '../../lib/http/event.ts';
import { checkInput, isFaultless } from '../../lib/http/input.ts';
import { takeOrRefuse } from '../../lib/http/second-look.ts';

/** Parses a request as the frame does for a caller who is not known. @throws Problem with all faults */
export async function parseInput(route: Route, event: HttpEvent): Promise<void> {
  const input = checkInput(route, event);
  if (!isFaultless(input)) await takeOrRefuse({ route, input, ifMatch: undefined });
}
