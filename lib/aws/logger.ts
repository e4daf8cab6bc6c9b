import { Logger } from '@aws-lambda-powertools/logger';

/** The structured log of this function. It gets ids only: no personal data, no bodies, no query strings, no addresses. */
export const logger = new Logger();
