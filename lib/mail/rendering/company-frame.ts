import type { Letterhead } from '../../settings/letterhead-schema.ts';
import { mailKinds, type TemplateKey } from '../kinds.ts';
import type { Frame } from './frame.ts';
import { footerLines } from './letterhead.ts';

interface CompanyLook {
  company: { name: string };
  sender: { fromName: string | null; color: string | null };
  letterhead: Letterhead;
  /** The effective `emailSignature`. */
  signature: string | undefined;
  /** BCP 47, with the company's country. */
  locale: string;
}

/**
 * The frame of a company's mail. A mail to users of the company is Clientele's own and has none of what the company shows to
 * its clients: neither signature nor letterhead.
 */
export function frameOf(key: TemplateKey, { company, sender, letterhead, signature, locale }: CompanyLook): Frame {
  const companyName = sender.fromName ?? company.name;
  const frame = { companyName, color: sender.color };
  if (mailKinds[key].recipient === 'user') return frame;
  return { ...frame, signature, footer: footerLines(letterhead, company.name, locale) };
}
