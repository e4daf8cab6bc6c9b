import { Logger } from '@aws-lambda-powertools/logger';

/** Structured log of this function. Ids only: nothing personal, no bodies, no query strings, no addresses. */
export const logger = new Logger();
