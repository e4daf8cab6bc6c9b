import type { ReadLogo } from '../../lib/logo/reader.ts';
import { mailComposer } from '../../lib/mail/compose.ts';
import { oneTimeLinks, secretOf } from '../../lib/mail/one-time-links.ts';
import { recipientRepository } from '../../lib/mail/recipient-repository.ts';
import { templateRepository } from '../../lib/mail/templates/repository.ts';
import type { Table } from '../../lib/table/client.ts';

interface Settings {
  from?: string | undefined;
  readLogo?: ReadLogo;
  reportUnreadableLogo?: Parameters<typeof mailComposer>[0]['reportUnreadableLogo'];
}

const noLogo = () => Promise.reject(new Error('this world has no bucket'));

/** Composes mails as `functions/mail-sender` does. */
export function composerOf(table: Table, settings: Settings = {}) {
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
    readLogo: settings.readLogo ?? noLogo,
    reportUnreadableLogo: settings.reportUnreadableLogo ?? (() => undefined),
    from: 'from' in settings ? settings.from : 'no-reply@clientele.example',
    pages: { portal: 'https://portal.example', staff: 'https://staff.example' },
  });
}
