import { accountRepository } from '../../lib/accounts/repository.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { templatePreview } from '../../lib/mail/templates/preview.ts';
import { templateRepository } from '../../lib/mail/templates/repository.ts';
import { templateService } from '../../lib/mail/templates/service.ts';
import { templateTest, trialTargets } from '../../lib/mail/templates/trial.ts';
import type { ClientId, CompanyId } from '../../lib/shared/ids.ts';
import { type GroupId, generalGroupId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Source } from '../../lib/shared/source.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Measure } from '../support/calls.ts';
import { mailAdmissionOf } from '../support/mail-admission.ts';

interface World {
  table: Table;
  source: Source;
  companyId: CompanyId;
  principal: Principal;
  clientId: ClientId;
}

/** Measures the texts of mails. */
export async function measureTemplates(
  measure: Measure,
  { table, source, companyId, principal, clientId }: World,
): Promise<void> {
  const accounts = accountRepository(table);
  const repository = templateRepository(table);
  const templates = templateService(repository, source);
  const { getTrialTarget } = trialTargets(repository);
  const deps = { templates: repository, getTrialTarget, getContext: templates.getContext, source };
  const preview = templatePreview(deps);
  const test = templateTest({
    ...deps,
    outbox: mailOutbox(table.name),
    getAddress: async (company, id) => (await accounts.user(company, id))?.email ?? '',
    admitMail: mailAdmissionOf(table, source).admit,
  });
  const general = generalGroupId(companyId);
  const at = (language: string, groupId: GroupId | null = null) => ({ key: 'invoice' as const, language, groupId });
  const text = { subject: 'S', body: 'B' };
  await measure('putTemplate', () => templates.put(companyId, at('fr'), text, undefined));
  await measure('putGroupTemplate', () => templates.put(companyId, at('fr', general), text, undefined));
  await measure('getTemplate', () => templates.read(companyId, at('fr')));
  await measure('getGroupTemplate', () => templates.read(companyId, at('fr', general)));
  await measure('getTemplateInAnotherLanguage', () => templates.read(companyId, at('pt')));
  await measure('listTemplates', () => templates.list(companyId, null, 50, undefined));
  await measure('listGroupTemplates', () => templates.list(companyId, general, 50, undefined));
  await measure('previewTemplate', () => preview(companyId, at('fr'), {}));
  await measure('previewTemplateOfClient', () => preview(companyId, at('fr'), { clientId }));
  await measure('testTemplate', () => test(principal, at('fr'), {}, committing(table)));
  await measure('textOfMail', () =>
    repository.getEffectiveText(companyId, { key: 'invoice', groupId: general, languages: ['fr', 'en'] }),
  );
  await measure('deleteTemplate', () => templates.delete(companyId, at('fr'), undefined));
}
