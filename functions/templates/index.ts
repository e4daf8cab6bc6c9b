import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply, pageReply } from '../../lib/http/replies.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { templatePreview } from '../../lib/mail/templates/preview.ts';
import { type TemplatePlace, templateRepository } from '../../lib/mail/templates/repository.ts';
import type { TemplateKey } from '../../lib/mail/templates/schema.ts';
import { type Shown, templateService } from '../../lib/mail/templates/service.ts';
import { templateTest, trialRecords } from '../../lib/mail/templates/trial.ts';
import type { GroupId } from '../../lib/shared/ids.ts';
import { templates as contract } from './contract.ts';

interface Named {
  params: { key: TemplateKey; language: string };
  query: { groupId?: GroupId | undefined };
}

const placeOf = ({ params, query }: Named): TemplatePlace => ({ ...params, groupId: query.groupId ?? null });
const shown = ({ template, tag }: Shown) => ({ body: template, version: tag });

export const handler = httpFunction(contract, ({ table, source }) => {
  const repository = templateRepository(table);
  const templates = templateService(repository, source);
  const lookups = { named: trialRecords(repository), lookUp: templates.lookUp, source };
  const preview = templatePreview({ ...lookups, templates: repository });
  const test = templateTest({ ...lookups, intend: mailOutbox(table.name).intend });

  return {
    async listTemplates({ principal, query, cursor }) {
      const after = await cursor.open(query.cursor);
      const { key = '', language = '' } = after ?? {};
      const page = await templates.list(
        principal.companyId,
        query.groupId ?? null,
        query.limit,
        after && { key, language },
      );
      return pageReply(cursor, page.data, page.next);
    },
    getTemplate: async (call) => shown(await templates.read(call.principal.companyId, placeOf(call))),
    async putTemplate(call) {
      const { created, ...text } = await templates.put(
        call.principal.companyId,
        placeOf(call),
        call.body,
        call.ifMatch,
      );
      return { ...shown(text), created };
    },
    async deleteTemplate(call) {
      await templates.delete(call.principal.companyId, placeOf(call), call.ifMatch);
      return emptyReply;
    },
    previewTemplate: async (call) => ({ body: await preview(call.principal.companyId, placeOf(call), call.body) }),
    testTemplate: async (call) => ({
      body: await test(
        call.principal,
        placeOf(call),
        call.body,
        call.commit((mail) => ({ body: mail })),
      ),
    }),
  };
});
