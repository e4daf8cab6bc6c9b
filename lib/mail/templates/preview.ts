import type { CompanyId } from '../../shared/ids.ts';
import type { Source } from '../../shared/source.ts';
import { isInLanguage } from './language.ts';
import { variablesFrom } from './records.ts';
import { renderMail } from './render.ts';
import type { TemplatePlace, TemplateRepository } from './repository.ts';
import { sampleRecords } from './sample.ts';
import type { RenderedMail, TemplateTrial } from './schema.ts';
import type { TemplateService } from './service.ts';
import type { TrialRecords } from './trial.ts';

interface PreviewDeps {
  templates: Pick<TemplateRepository, 'company'>;
  named: TrialRecords;
  lookUp: TemplateService['lookUp'];
  source: Source;
}

/**
 * Shows a text as the mail that it becomes. What a link leads to, an invoice and a statement are sample data even where a
 * client is named. Two calls, three with a client.
 * @throws Problem `validation`, `not-found` where there is no such group
 */
export function templatePreview({ templates, named, lookUp, source }: PreviewDeps) {
  return async (companyId: CompanyId, place: TemplatePlace, trial: TemplateTrial): Promise<RenderedMail> => {
    const { key } = place;
    const real = await named(companyId, key, trial);
    const groupId = place.groupId ?? real?.client.groupId ?? null;
    const [{ settings, group, text }, company] = await Promise.all([
      lookUp(companyId, { ...place, groupId }),
      templates.company(companyId),
    ]);
    const ofCompany = settings.settings;
    const sample = sampleRecords(key, { now: source.now(), currency: ofCompany.currency });
    const records = { ...sample, ...real, company: { name: company.name, email: settings.sender.replyTo } };
    const language = isInLanguage(text.language, place.language) ? place.language : text.language;
    const levels = [real?.client.settings, group?.settings, ofCompany];
    return renderMail({
      key,
      language,
      text: { subject: trial.subject ?? text.subject, body: trial.body ?? text.body },
      variables: variablesFrom(records, { language, country: company.country, timezone: ofCompany.timezone }),
      frame: {
        companyName: settings.sender.fromName ?? company.name,
        color: settings.sender.color,
        signature: levels.find((level) => level?.emailSignature !== undefined)?.emailSignature,
      },
    });
  };
}
