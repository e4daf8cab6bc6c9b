import type { StoredClient, StoredContact } from '../../clients/schema.ts';
import { invalid, Problem } from '../../shared/errors.ts';
import type { CompanyId, UserId } from '../../shared/ids.ts';
import { type Principal, requesterOf } from '../../shared/principal.ts';
import type { Source } from '../../shared/source.ts';
import type { Commit } from '../../table/transaction.ts';
import type { AdmitMail } from '../admission.ts';
import type { TemplateKey } from '../kinds.ts';
import type { MailOutbox } from '../outbox.ts';
import type { NewMail } from '../schema.ts';
import type { TemplateRef, TemplateRepository } from './repository.ts';
import type { TemplateTestMail, TemplateTrial } from './schema.ts';
import type { TemplateService } from './service.ts';

/** Whose data a text is tried with. */
interface TrialTarget {
  client: StoredClient;
  contact: StoredContact | undefined;
}

const unknownId = (pointer: string, detail: string) => invalid({ pointer, code: 'not-found', detail });

/** Checks trials of templates and reads their clients. */
export function trialTargets(templates: Pick<TemplateRepository, 'findClientWithContacts'>) {
  /**
   * Checks a trial and reads the client that it names, with the named contact or the primary one. One call; none without a
   * client.
   * @throws Problem `validation`
   */
  return async (company: CompanyId, key: TemplateKey, trial: TemplateTrial): Promise<TrialTarget | undefined> => {
    const { checkText, checkTrialTarget } = await import('./text-checks.ts');
    const faults = [...checkTrialTarget(key, trial), ...checkText(key, trial)];
    if (faults.length > 0) throw invalid(...faults);
    const { clientId, contactId } = trial;
    if (clientId === undefined) return undefined;
    const found = await templates.findClientWithContacts(company, clientId);
    if (!found) throw unknownId('/clientId', 'There is no such client.');
    const contact = found.contacts.find(({ id, isPrimary }) =>
      contactId === undefined ? isPrimary : id === contactId,
    );
    if (contactId !== undefined && !contact) throw unknownId('/contactId', 'The client has no such contact.');
    return { client: found.client, contact };
  };
}

export type GetTrialTarget = ReturnType<typeof trialTargets>;

interface TestMailDeps {
  getTrialTarget: GetTrialTarget;
  getContext: TemplateService['getContext'];
  outbox: MailOutbox;
  /** The address of a user. */
  getAddress: (company: CompanyId, id: UserId) => Promise<string>;
  admitMail: AdmitMail;
  source: Source;
}

/** Mails templates to the user who calls. */
export function templateTest({ getTrialTarget, getContext, outbox, getAddress, admitMail, source }: TestMailDeps) {
  /**
   * Queues the mail with the given text; without one, with the text that is saved when the mail is sent. Six calls, seven
   * with a client. The caller's address may be anybody's until it is verified, so a test is a mail to others.
   * @throws Problem `validation`, `no-address`, `not-found` if the group does not exist, `email-not-verified`,
   *   `too-many-mails`
   */
  return async (
    principal: Principal,
    ref: TemplateRef,
    trial: TemplateTrial,
    commit: Commit<TemplateTestMail>,
  ): Promise<TemplateTestMail> => {
    const { companyId } = principal;
    const { key, language, groupId } = ref;
    const target = await getTrialTarget(companyId, key, trial);
    if (principal.kind !== 'user')
      throw new Problem('no-address', {
        detail: 'An API token has no e-mail address. Sign in as a user to test a mail.',
      });
    const { text } = await getContext(companyId, { ...ref, groupId: groupId ?? target?.client.groupId ?? null });
    const hasText = trial.subject !== undefined || trial.body !== undefined;
    const { id } = principal;
    const mailId = await admitMail(principal, { address: await getAddress(companyId, id), id });
    const reply: TemplateTestMail = { mailId, status: 'queued' };
    const mail: NewMail = {
      mailId,
      kind: 'template-test',
      clientId: null,
      contactId: null,
      userId: id,
      requestedBy: requesterOf(principal),
      test: {
        key,
        language,
        groupId,
        clientId: target?.client.id ?? null,
        contactId: target?.contact?.id ?? null,
        text: hasText ? { subject: trial.subject ?? text.subject, body: trial.body ?? text.body } : null,
      },
      at: source.now().toISOString(),
    };
    await commit([outbox.enqueue(companyId, mail)], reply);
    return reply;
  };
}
