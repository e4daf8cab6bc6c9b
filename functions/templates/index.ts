import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply, pageReply } from '../../lib/http/replies.ts';
import type { TemplateKey } from '../../lib/mail/kinds.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { templatePreview } from '../../lib/mail/templates/preview.ts';
import { type TemplateRef, templateRepository } from '../../lib/mail/templates/repository.ts';
import { type TaggedTemplate, templateService } from '../../lib/mail/templates/service.ts';
import { templateTest, trialTargets } from '../../lib/mail/templates/trial.ts';
import type { GroupId } from '../../lib/shared/ids.ts';
import { templates as contract } from './contract.ts';

interface TemplateCall {
  params: { key: TemplateKey; language: string };
  query: { groupId?: GroupId | undefined };
}

const refOf = ({ params, query }: TemplateCall): TemplateRef => ({ ...params, groupId: query.groupId ?? null });
const toReply = ({ template, tag }: TaggedTemplate) => ({ body: template, version: tag });

export const handler = httpFunction(contract, ({ table, source }) => {
  const repository = templateRepository(table);
  const templates = templateService(repository, source);
  const lookups = { getTrialTarget: trialTargets(repository), getContext: templates.getContext, source };
  const preview = templatePreview({ ...lookups, templates: repository });
  const enqueueTest = templateTest({ ...lookups, outbox: mailOutbox(table.name) });

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
    getTemplate: async (call) => toReply(await templates.read(call.principal.companyId, refOf(call))),
    async putTemplate(call) {
      const { created, ...text } = await templates.put(call.principal.companyId, refOf(call), call.body, call.ifMatch);
      return { ...toReply(text), created };
    },
    async deleteTemplate(call) {
      await templates.delete(call.principal.companyId, refOf(call), call.ifMatch);
      return emptyReply;
    },
    previewTemplate: async (call) => ({ body: await preview(call.principal.companyId, refOf(call), call.body) }),
    testTemplate: async (call) => ({
      body: await enqueueTest(
        call.principal,
        refOf(call),
        call.body,
        call.commit((mail) => ({ body: mail })),
      ),
    }),
  };
});
