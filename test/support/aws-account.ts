import { once } from 'node:events';
import { createServer } from 'node:http';

/** What an account answers: by operation, a result, or a string for the code of an error. */
export interface AccountAnswers {
  GetCallerIdentity: string;
  GetParameter: { Value: string } | string;
  GetAccountSettings: number | string;
  GetAccount: { ProductionAccessEnabled: boolean; SendingEnabled: boolean } | string;
  /** By name. An identity that is not named does not exist. */
  GetEmailIdentity: Readonly<Record<string, { VerifiedForSendingStatus: boolean; Tokens?: readonly string[] }>>;
  /** The physical ids of the resources of the stack; undefined if there is no stack. */
  DescribeStackResources: readonly string[] | undefined;
}

type Reply = { status: number; type: string; body: string; error?: string };

const json = (value: unknown): Reply => ({ status: 200, type: 'application/json', body: JSON.stringify(value) });
const xml = (body: string): Reply => ({ status: 200, type: 'text/xml', body });
const jsonError = (code: string, status = 400): Reply => ({
  status,
  type: 'application/json',
  body: JSON.stringify({ __type: code, message: 'scripted' }),
  error: code,
});
const xmlError = (code: string): Reply => ({
  status: 400,
  type: 'text/xml',
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>scripted</Message></Error></ErrorResponse>`,
});

/** The service of AWS that answers what a deployment asks about its account. */
export async function awsAccount(answers: AccountAnswers) {
  function reply(path: string, body: string, target: string): Reply {
    if (body.includes('Action=GetCallerIdentity')) {
      const account = answers.GetCallerIdentity;
      if (!/^\d+$/.test(account)) return xmlError(account);
      return xml(
        `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      );
    }
    if (body.includes('Action=DescribeStackResources')) {
      const { DescribeStackResources: ids } = answers;
      if (ids === undefined) return xmlError('ValidationError');
      const members = ids.map((id) => `<member><PhysicalResourceId>${id}</PhysicalResourceId></member>`).join('');
      return xml(
        `<DescribeStackResourcesResponse><DescribeStackResourcesResult><StackResources>${members}</StackResources></DescribeStackResourcesResult></DescribeStackResourcesResponse>`,
      );
    }
    if (target.endsWith('.GetParameter')) {
      const { GetParameter } = answers;
      return typeof GetParameter === 'string' ? jsonError(GetParameter) : json({ Parameter: GetParameter });
    }
    if (path.startsWith('/2016-08-19/account-settings')) {
      const { GetAccountSettings: limit } = answers;
      return typeof limit === 'string'
        ? jsonError(limit, 403)
        : json({ AccountLimit: { ConcurrentExecutions: limit } });
    }
    if (path === '/v2/email/account') {
      const { GetAccount } = answers;
      return typeof GetAccount === 'string' ? jsonError(GetAccount, 403) : json(GetAccount);
    }
    const [, name] = /^\/v2\/email\/identities\/(.+)$/.exec(decodeURIComponent(path)) ?? [];
    const identity = name === undefined ? undefined : answers.GetEmailIdentity[name];
    if (identity === undefined) return jsonError('NotFoundException', 404);
    const { VerifiedForSendingStatus, Tokens = [] } = identity;
    return json({ VerifiedForSendingStatus, DkimAttributes: { Tokens } });
  }

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const target = String(request.headers['x-amz-target'] ?? '');
    const { status, type, body: text, error } = reply(request.url ?? '', body, target);
    response.writeHead(status, { 'content-type': type, ...(error && { 'x-amzn-errortype': error }) }).end(text);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the account has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
