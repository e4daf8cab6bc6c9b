import type { Locate, LocationRequest } from '../aws/s3.ts';

/** An object as the storage holds it. */
export interface StoredObject {
  size: number;
  contentType: string;
  /** Hexadecimal; undefined where the object came without one. */
  sha256: string | undefined;
}

/** Seconds that a location of our own use is good, and milliseconds that an answer may take. */
const GOOD_FOR = 60;
const TIMEOUT = 5000;
/** Tries of one call; whoever delivers the event or the record tries all of it again later. */
const TRIES = 3;

/** What the storage has of documents. Every call can be made again. */
export function documentStorage(locate: Locate, pause: (attempt: number) => Promise<void> = shortly) {
  async function call(request: Omit<LocationRequest, 'seconds'>): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const answer = await attempted(request).catch((error: unknown) => {
        if (attempt === TRIES) throw new Error(`the storage did not answer ${request.method}`, { cause: error });
        return undefined;
      });
      if (answer && (answer.status < 500 || attempt === TRIES)) return answer;
      await pause(attempt);
    }
  }

  async function attempted(request: Omit<LocationRequest, 'seconds'>): Promise<Response> {
    const { url } = await locate({ ...request, seconds: GOOD_FOR });
    const { method, headers = {} } = request;
    return fetch(url, { method, headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT) });
  }

  return {
    /**
     * What a version is. One call.
     * @throws Error where there is none, or the storage does not answer
     */
    async object(key: string, versionId: string): Promise<StoredObject> {
      const answer = await call({
        method: 'HEAD',
        key,
        query: { versionId },
        headers: { 'x-amz-checksum-mode': 'ENABLED' },
      });
      if (!answer.ok) throw unexpected('HEAD', answer);
      const checksum = answer.headers.get('x-amz-checksum-sha256');
      return {
        size: Number(answer.headers.get('content-length')),
        contentType: answer.headers.get('content-type') ?? '',
        sha256: checksum === null ? undefined : Buffer.from(checksum, 'base64').toString('hex'),
      };
    },

    /** Removes a version for good; one that is not there any more is as well. One call. */
    async remove(key: string, versionId: string): Promise<void> {
      const answer = await call({ method: 'DELETE', key, query: { versionId } });
      if (!answer.ok && answer.status !== 404) throw unexpected('DELETE', answer);
      await answer.body?.cancel();
    },

    /** Versions and delete markers under exactly this key, a thousand at most. One call. */
    async versions(key: string): Promise<string[]> {
      const answer = await call({ method: 'GET', key: '', query: { versions: '', prefix: key } });
      if (!answer.ok) throw unexpected('GET ?versions', answer);
      return versionsIn(await answer.text(), key);
    },
  };
}

export type DocumentStorage = ReturnType<typeof documentStorage>;

function unexpected(call: string, { status }: Response): Error {
  return new Error(`the storage answered ${call} with ${status}`);
}

/** Of an answer to ListObjectVersions what stands under the key. Our keys and S3's version ids hold nothing that XML escapes. */
function versionsIn(xml: string, key: string): string[] {
  if (!xml.includes('<ListVersionsResult')) throw new Error('the storage answered with no list of versions');
  const entries = xml.matchAll(/<(Version|DeleteMarker)>([\s\S]*?)<\/\1>/g);
  return [...entries].flatMap(([, , entry = '']) => {
    const [, found] = /<Key>([^<]*)<\/Key>/.exec(entry) ?? [];
    const [, version] = /<VersionId>([^<]*)<\/VersionId>/.exec(entry) ?? [];
    return found === key && version !== undefined ? [version] : [];
  });
}

async function shortly(attempt: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 200 * attempt));
}
