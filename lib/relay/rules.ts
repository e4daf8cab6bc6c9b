import * as z from 'zod';
import { companyProofEntity } from '../billing/ledger/company-proof-schema.ts';
import { documentEntity } from '../documents/schema.ts';
import { groupEntity } from '../groups/schema.ts';
import { logoRemovalEntity } from '../logo/schema.ts';
import { mailEntity } from '../mail/schema.ts';
import { removalEntity } from '../pricings/schema.ts';
import { relayRule } from './rule.ts';

export const groupDeletion = relayRule({
  kind: 'group-deletion',
  entity: groupEntity,
  status: 'deleting',
  attributes: (group) => group.pick({ id: true, version: true }),
});

export const priceRemoval = relayRule({
  kind: 'price-removal',
  entity: removalEntity,
  attributes: (removal) => removal.pick({ of: true }),
});

export const documentDeletion = relayRule({
  kind: 'document-deletion',
  entity: documentEntity,
  status: 'deleting',
  attributes: (document) => document.pick({ clientId: true, id: true }),
});

/** DynamoDB's TTL has removed a document that was never uploaded. */
export const documentExpiry = relayRule({
  kind: 'document-expiry',
  entity: documentEntity,
  status: 'pending',
  removed: true,
  attributes: (document) => document.pick({ clientId: true, id: true, part: true, ttl: true }).required({ ttl: true }),
});

/** A logo was refused, replaced or deleted. */
export const logoRemoval = relayRule({
  kind: 'logo-removal',
  entity: logoRemovalEntity,
  attributes: (removal) => removal.pick({ id: true }),
});

/** A proof of a company's ledgers has another step to make. */
export const ledgerProof = relayRule({
  kind: 'ledger-proof',
  entity: companyProofEntity,
  status: 'running',
  attributes: (proof) => proof.pick({ version: true }),
});

export const queuedMail = relayRule({
  kind: 'queued-mail',
  entity: mailEntity,
  status: 'queued',
  attributes: (mail) => mail.pick({ mailId: true }),
});

/** The messages of `functions/deletions`. */
export const DeletionMessage = z.discriminatedUnion('kind', [
  groupDeletion.message,
  priceRemoval.message,
  documentDeletion.message,
  documentExpiry.message,
  logoRemoval.message,
]);
