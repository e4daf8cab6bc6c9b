import { UserId } from '../shared/ids.ts';

// A request about an account that does not exist makes the same calls as one about an account that does.

/** An id that no user has. It is read for an unknown account. */
export const UNKNOWN_USER = UserId.parse(`usr_${'0'.repeat(26)}`);

/** Seconds until an item expires that is written in place of a mail. */
export const PLACEHOLDER_SECONDS = 3600;
