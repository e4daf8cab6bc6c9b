import type { StoredClient, StoredContact } from '../../clients/schema.ts';
import { invalid, Problem } from '../../shared/errors.ts';
import { type CompanyId, MailId, mintId } from '../../shared/ids.ts';
import { type Principal, requesterOf } from '../../shared/principal.ts';
import type { Source } from '../../shared/source.ts';
import type { Commit, Write } from '../../table/table.ts';
import type { MailIntention } from '../schema.ts';
import { textFaults, trialFaults } from './checks.ts';
import type { TemplatePlace, TemplateRepository } from './repository.ts';
import type { TemplateKey, TemplateTestMail, TemplateTrial } from './schema.ts';
import type { TemplateService } from './service.ts';

interface Named {
  client: StoredClient;
  contact: StoredContact | undefined;
}

const notThere = (pointer: string, detail: string) => invalid({ pointer, code: 'not-found', detail });

/**
 * Looks a trial over and finds whose data it names; the primary contact where it names none. One call, none without a client.
 * @throws Problem `validation`
 */
export function trialRecords(templates: Pick<TemplateRepository, 'client'>) {
  return async (company: CompanyId, key: TemplateKey, trial: TemplateTrial): Promise<Named | undefined> => {
    const faults = [...trialFaults(key, trial), ...textFaults(key, trial)];
    if (faults.length > 0) throw invalid(...faults);
    const { clientId, contactId } = trial;
    if (clientId === undefined) return undefined;
    const found = await templates.client(company, clientId);
    if (!found) throw notThere('/clientId', 'There is no such client.');
    const contact = found.contacts.find(({ id, isPrimary }) =>
      contactId === undefined ? isPrimary : id === contactId,
    );
    if (contactId !== undefined && !contact) throw notThere('/contactId', 'The client has no such contact.');
    return { client: found.client, contact };
  };
}

export type TrialRecords = ReturnType<typeof trialRecords>;

interface TestDeps {
  named: TrialRecords;
  lookUp: TemplateService['lookUp'];
  intend: (company: CompanyId, mail: MailIntention) => Write;
  source: Source;
}

/** Mails a text to whoever asks. */
export function templateTest({ named, lookUp, intend, source }: TestDeps) {
  /**
   * Asks for the mail, of the saved text as it is when it is written, or of the given one. Two calls, three with a client.
   * @throws Problem `validation`, `no-address`, `not-found` where there is no such group
   */
  return async (
    principal: Principal,
    place: TemplatePlace,
    trial: TemplateTrial,
    commit: Commit<TemplateTestMail>,
  ): Promise<TemplateTestMail> => {
    const { companyId } = principal;
    const { key, language, groupId } = place;
    const real = await named(companyId, key, trial);
    if (principal.kind !== 'user')
      throw new Problem('no-address', {
        detail: 'An API token has no e-mail address. Sign in as a user to test a mail.',
      });
    const { text } = await lookUp(companyId, { ...place, groupId: groupId ?? real?.client.groupId ?? null });
    const isGiven = trial.subject !== undefined || trial.body !== undefined;
    const mail: TemplateTestMail = { mailId: mintId(MailId, 'mail', source), status: 'queued' };
    const intention: MailIntention = {
      mailId: mail.mailId,
      kind: 'template-test',
      clientId: null,
      contactId: null,
      userId: principal.id,
      requestedBy: requesterOf(principal),
      test: {
        key,
        language,
        groupId,
        clientId: real?.client.id ?? null,
        contactId: real?.contact?.id ?? null,
        text: isGiven ? { subject: trial.subject ?? text.subject, body: trial.body ?? text.body } : null,
      },
      at: source.now().toISOString(),
    };
    await commit([intend(companyId, intention)], mail);
    return mail;
  };
}
