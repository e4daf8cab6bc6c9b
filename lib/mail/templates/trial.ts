import type { StoredClient, StoredContact } from '../../clients/schema.ts';
import { type InputFault, invalid, Problem } from '../../shared/errors.ts';
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

const notFound = (pointer: string, detail: string): InputFault => ({ pointer, code: 'not-found', detail });

/** Checks trials of templates and reads their clients. */
export function trialTargets(templates: Pick<TemplateRepository, 'findClientWithContacts'>) {
  /** The client that a trial names, with the named contact or the primary one, or why there is none. One call at most. */
  async function findTarget(
    company: CompanyId,
    { clientId, contactId }: TemplateTrial,
  ): Promise<{ target?: TrialTarget; faults: InputFault[] }> {
    if (clientId === undefined) return { faults: [] };
    const found = await templates.findClientWithContacts(company, clientId);
    if (!found) return { faults: [notFound('/clientId', 'There is no such client.')] };
    const contact = found.contacts.find(({ id, isPrimary }) =>
      contactId === undefined ? isPrimary : id === contactId,
    );
    if (contactId !== undefined && !contact)
      return { faults: [notFound('/contactId', 'The client has no such contact.')] };
    return { target: { client: found.client, contact }, faults: [] };
  }

  async function checkTrial(company: CompanyId, key: TemplateKey, trial: TemplateTrial) {
    const { checkText, checkTrialTarget } = await import('./text-checks.ts');
    const { target, faults } = await findTarget(company, trial);
    return { target, faults: [...checkTrialTarget(key, trial), ...checkText(key, trial), ...faults] };
  }

  return {
    /** Checks a trial and reads its client. One call; none without a client. @throws Problem `validation` */
    async getTrialTarget(company: CompanyId, key: TemplateKey, trial: TemplateTrial): Promise<TrialTarget | undefined> {
      const { target, faults } = await checkTrial(company, key, trial);
      if (faults.length > 0) throw invalid(...faults);
      return target;
    },

    /** What is wrong with the right fields of a partly wrong trial. One call; none without a client. */
    faultsOfTrial: async (company: CompanyId, key: TemplateKey, trial: TemplateTrial): Promise<InputFault[]> =>
      (await checkTrial(company, key, trial)).faults,
  };
}

export type GetTrialTarget = ReturnType<typeof trialTargets>['getTrialTarget'];

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
