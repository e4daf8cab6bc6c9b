import { env } from '../../lib/aws/env.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { templatePreview } from '../../lib/mail/templates/preview.ts';
import { type TemplatePlace, templateRepository } from '../../lib/mail/templates/repository.ts';
import type { TemplateKey } from '../../lib/mail/templates/schema.ts';
import { type Shown, templateService } from '../../lib/mail/templates/service.ts';
import { templateTest, trialRecords } from '../../lib/mail/templates/trial.ts';
import type { GroupId } from '../../lib/shared/ids.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/table.ts';
import { templates as contract } from './contract.ts';

const source = systemSource;
const table = openTable(env('TABLE_NAME'));
const repository = templateRepository(table);
const templates = templateService(repository, source);
const of = {
  templates: repository,
  named: trialRecords(repository),
  lookUp: templates.lookUp,
  source,
};
const preview = templatePreview(of);
const test = templateTest({ ...of, intend: mailOutbox(table.name).intend });

interface Named {
  params: { key: TemplateKey; language: string };
  query: { groupId?: GroupId | undefined };
}

const placeOf = ({ params, query }: Named): TemplatePlace => ({ ...params, groupId: query.groupId ?? null });
const shown = ({ template, tag }: Shown) => ({ body: template, version: tag });

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
      return { body: undefined };
    },
    previewTemplate: async (call) => ({ body: await preview(call.principal.companyId, placeOf(call), call.body) }),
    testTemplate: async (call) => ({
      body: await test(call.principal, placeOf(call), call.body, (mail) => call.remember({ body: mail })),
    }),
  },
  { table, source, cursors: cursorSealer(secretReader(env('CURSOR_SECRET_ARN')), source) },
);
