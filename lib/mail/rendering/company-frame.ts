import type { Letterhead } from '../../settings/letterhead-schema.ts';
import { isToContact, type TemplateKey } from '../kinds.ts';
import type { Frame, FrameLogo } from './frame.ts';
import { footerLines } from './letterhead.ts';

interface CompanyLook {
  company: { name: string };
  sender: { fromName: string | null; color: string | null };
  letterhead: Letterhead;
  logo?: FrameLogo | undefined;
  /** The effective `emailSignature`. */
  signature: string | undefined;
  /** BCP 47, with the company's country. */
  locale: string;
}

/**
 * The frame of a company's mail. A mail to users of the company is Clientele's own and has none of what the company shows to
 * its clients: neither logo, signature nor letterhead.
 */
export function frameOf(
  key: TemplateKey,
  { company, sender, letterhead, logo, signature, locale }: CompanyLook,
): Frame {
  const companyName = sender.fromName ?? company.name;
  const frame = { companyName, color: sender.color };
  if (!isToContact(key)) return frame;
  return { ...frame, logo, signature, footer: footerLines(letterhead, company.name, locale) };
}
