import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import type { TemplateKey } from '../../lib/mail/kinds.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { templatePreview } from '../../lib/mail/templates/preview.ts';
import { type TemplateRef, templateRepository } from '../../lib/mail/templates/repository.ts';
import { type TaggedTemplate, templateService } from '../../lib/mail/templates/service.ts';
import { templateTest, trialTargets } from '../../lib/mail/templates/trial.ts';
import type { GroupId } from '../../lib/shared/ids.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { templates as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const repository = templateRepository(table);
const templates = templateService(repository, source);
const deps = {
  templates: repository,
  getTrialTarget: trialTargets(repository),
  getContext: templates.getContext,
  source,
};
const preview = templatePreview(deps);
const enqueueTest = templateTest({ ...deps, outbox: mailOutbox(table.name) });

interface TemplateCall {
  params: { key: TemplateKey; language: string };
  query: { groupId?: GroupId | undefined };
}

const refOf = ({ params, query }: TemplateCall): TemplateRef => ({ ...params, groupId: query.groupId ?? null });
const toReply = ({ template, tag }: TaggedTemplate) => ({ body: template, version: tag });

export const handler = httpFunction(
  contract,
  {
    async listTemplates({ principal, query, cursor }) {
      const after = await cursor.open(query.cursor);
      const { key = '', language = '' } = after ?? {};
      const page = await templates.list(
        principal.companyId,
        query.groupId ?? null,
        query.limit,
        after && { key, language },
      );
      return { body: { data: page.data, nextCursor: await cursor.seal(page.next) } };
    },
    getTemplate: async (call) => toReply(await templates.read(call.principal.companyId, refOf(call))),
    async putTemplate(call) {
      const { created, ...text } = await templates.put(call.principal.companyId, refOf(call), call.body, call.ifMatch);
      return { ...toReply(text), created };
    },
    async deleteTemplate(call) {
      await templates.delete(call.principal.companyId, refOf(call), call.ifMatch);
      return { body: undefined };
    },
    previewTemplate: async (call) => ({ body: await preview(call.principal.companyId, refOf(call), call.body) }),
    testTemplate: async (call) => ({
      body: await enqueueTest(call.principal, refOf(call), call.body, (mail) => call.remember({ body: mail })),
    }),
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);
