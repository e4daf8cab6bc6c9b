import { accountRepository } from '../../lib/accounts/repository.ts';
import { env } from '../../lib/aws/env.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply, pageReply } from '../../lib/http/replies.ts';
import { mailAdmissionServices } from '../../lib/mail/admission-wiring.ts';
import type { TemplateKey } from '../../lib/mail/kinds.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { assertMayWriteText } from '../../lib/mail/templates/access.ts';
import { templatePreview } from '../../lib/mail/templates/preview.ts';
import { type TemplateRef, templateRepository } from '../../lib/mail/templates/repository.ts';
import { type TaggedTemplate, templateService } from '../../lib/mail/templates/service.ts';
import { templateTest, trialTargets } from '../../lib/mail/templates/trial.ts';
import { parseMailLimits } from '../../lib/rate-limits/schema.ts';
import { Problem } from '../../lib/shared/errors.ts';
import type { CompanyId, GroupId, UserId } from '../../lib/shared/ids.ts';
import type { Role } from '../../lib/shared/roles.ts';
import { templates as contract } from './contract.ts';

interface TemplateCall {
  params: { key: TemplateKey; language: string };
  query: { groupId?: GroupId | undefined };
}

const refOf = ({ params, query }: TemplateCall): TemplateRef => ({ ...params, groupId: query.groupId ?? null });

/** The text that a call writes or tries. @throws Problem `role-too-low` */
function writableRefOf(call: TemplateCall & { principal: { role: Role } }): TemplateRef {
  assertMayWriteText(call.principal.role, call.params.key);
  return refOf(call);
}

const toReply = ({ template, tag }: TaggedTemplate) => ({ body: template, version: tag });

export const handler = httpFunction(contract, ({ table, source }) => {
  const repository = templateRepository(table);
  const templates = templateService(repository, source);
  const { getTrialTarget, faultsOfTrial } = trialTargets(repository);
  const lookups = { getTrialTarget, getContext: templates.getContext, source };
  const preview = templatePreview({ ...lookups, templates: repository });
  const accounts = accountRepository(table);
  const { admit: admitMail } = mailAdmissionServices({ table, source }, parseMailLimits(env('MAIL_LIMITS')));

  async function getAddress(company: CompanyId, id: UserId): Promise<string> {
    const user = await accounts.user(company, id);
    if (!user) throw new Problem('not-found');
    return user.email;
  }
  const enqueueTest = templateTest({ ...lookups, outbox: mailOutbox(table.name), getAddress, admitMail });

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
    async listTemplateVariables() {
      // Imported here, because no other route needs it.
      const { listVariables } = await import('../../lib/mail/templates/variable-list.ts');
      return { body: { data: listVariables(source.now()) } };
    },
    getTemplate: async (call) => toReply(await templates.read(call.principal.companyId, refOf(call))),
    putTemplate: {
      async run(call) {
        const { created, ...text } = await templates.put(
          call.principal.companyId,
          writableRefOf(call),
          call.body,
          call.ifMatch,
        );
        return { ...toReply(text), created };
      },
      findFaults: ({ params, body }) => templates.faultsOfText(params.key, body),
    },
    async deleteTemplate(call) {
      await templates.delete(call.principal.companyId, writableRefOf(call), call.ifMatch);
      return emptyReply;
    },
    previewTemplate: {
      run: async (call) => ({ body: await preview(call.principal.companyId, writableRefOf(call), call.body) }),
      findFaults: ({ principal, params, body }) => faultsOfTrial(principal.companyId, params.key, body),
    },
    testTemplate: {
      run: async (call) => ({
        body: await enqueueTest(
          call.principal,
          writableRefOf(call),
          call.body,
          call.commit((mail) => ({ body: mail })),
        ),
      }),
      findFaults: ({ principal, params, body }) => faultsOfTrial(principal.companyId, params.key, body),
    },
  };
});
