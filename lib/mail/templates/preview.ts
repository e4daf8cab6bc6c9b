import { withShownClientFields, withShownContactFields } from '../../shared/custom-field-shapes.ts';
import type { CompanyId } from '../../shared/ids.ts';
import type { Source } from '../../shared/source.ts';
import { formatVariables, localeOf } from '../rendering/values.ts';
import { isInLanguage } from './language.ts';
import type { TemplateRef, TemplateRepository } from './repository.ts';
import { sampleRecords } from './sample.ts';
import type { RenderedMail, TemplateTrial } from './schema.ts';
import type { TemplateService } from './service.ts';
import type { GetTrialTarget } from './trial.ts';

interface PreviewDeps {
  templates: Pick<TemplateRepository, 'getCompanyOrThrow'>;
  getTrialTarget: GetTrialTarget;
  getContext: TemplateService['getContext'];
  source: Source;
}

/** Renders templates without sending them. */
export function templatePreview({ templates, getTrialTarget, getContext, source }: PreviewDeps) {
  /**
   * The mail that a text becomes. Links, invoices and statements are sample data even with a client. Two calls, three with
   * a client.
   * @throws Problem `validation`, `not-found` if the group does not exist
   */
  return async (companyId: CompanyId, ref: TemplateRef, trial: TemplateTrial): Promise<RenderedMail> => {
    const { key } = ref;
    const target = await getTrialTarget(companyId, key, trial);
    const groupId = ref.groupId ?? target?.client.groupId ?? null;
    const [{ settings, group, text }, company] = await Promise.all([
      getContext(companyId, { ...ref, groupId }),
      templates.getCompanyOrThrow(companyId),
    ]);
    const companySettings = settings.settings;
    const sample = sampleRecords(key, { now: source.now(), currency: companySettings.currency });
    const shown = target && {
      client: withShownClientFields(company, target.client),
      contact: target.contact && withShownContactFields(company, target.contact),
    };
    const records = { ...sample, ...shown, company: { name: company.name, email: settings.sender.replyTo } };
    const levels = [target?.client.settings, group?.settings, companySettings];
    // Imported here, because lists and reads need no Markdown parser.
    const [{ renderMail }, { frameOf }, { usableText }] = await Promise.all([
      import('../rendering/render.ts'),
      import('../rendering/company-frame.ts'),
      import('./usable-text.ts'),
    ]);
    const given = { subject: trial.subject ?? text.subject, body: trial.body ?? text.body };
    const languages = [ref.language, companySettings.language];
    const used = usableText(key, { text: given, language: text.language }, languages);
    const language = isInLanguage(used.language, ref.language) ? ref.language : used.language;
    return renderMail({
      language,
      text: used.text,
      variables: formatVariables(records, { language, country: company.country, timezone: companySettings.timezone }),
      frame: frameOf(key, {
        company,
        sender: settings.sender,
        letterhead: settings.letterhead,
        signature: levels.find((level) => level?.emailSignature !== undefined)?.emailSignature,
        locale: localeOf(language, company.country),
      }),
    });
  };
}
