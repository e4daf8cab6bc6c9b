import { mailComposer } from '../../lib/mail/compose.ts';
import { oneTimeLinks, secretOf } from '../../lib/mail/one-time-links.ts';
import { recipientRepository } from '../../lib/mail/recipient-repository.ts';
import { templateRepository } from '../../lib/mail/templates/repository.ts';
import type { Table } from '../../lib/table/client.ts';

/** Composes mails as `functions/mail-sender` does. */
export function composerOf(
  table: Table,
  { from }: { from: string | undefined } = { from: 'no-reply@clientele.example' },
) {
  const templates = templateRepository(table);
  return mailComposer({
    recipients: recipientRepository(table),
    async getText(company, query) {
      const { subject, body, language } = await templates.getEffectiveText(company, query);
      return { text: { subject, body }, language };
    },
    links: {
      secretOf: async (id) => secretOf('a secret', id),
      issue: oneTimeLinks(table).issue,
    },
    from,
    pages: { portal: 'https://portal.example', staff: 'https://staff.example' },
  });
}
