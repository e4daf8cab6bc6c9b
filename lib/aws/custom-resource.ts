import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { logger } from './logger.ts';

/** An answer that CloudFormation has not got by then is given up, and Lambda calls the function again. */
const answerTimeoutMs = 5000;

/**
 * The handler of a CloudFormation custom resource that only checks something: the deployment stops if `check` throws,
 * and shows the message of the error. Nothing is checked when the resource is deleted, so every rollback succeeds.
 * CloudFormation waits for one PUT to the presigned URL of the event.
 */
export function checkedByDeployment(check: () => Promise<void>) {
  return async (event: CloudFormationCustomResourceEvent): Promise<void> => {
    const failure = event.RequestType === 'Delete' ? undefined : await failureOf(check);
    const answer = {
      Status: failure === undefined ? 'SUCCESS' : 'FAILED',
      Reason: failure,
      PhysicalResourceId: event.LogicalResourceId,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
    };
    const response = await fetch(event.ResponseURL, {
      method: 'PUT',
      // As bytes, because fetch gives texts a content type, which the signature of the URL does not include.
      body: Buffer.from(JSON.stringify(answer)),
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    if (!response.ok) throw new Error(`CloudFormation's URL was answered ${response.status}`);
  };
}

/** The message of the error that the check threw. */
async function failureOf(check: () => Promise<void>): Promise<string | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    logger.error('the check of the deployment failed', { error });
    return error instanceof Error ? error.message : String(error);
  }
}
