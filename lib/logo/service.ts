import { presignedRequests } from '../aws/presigned-requests.ts';
import type { Presigner } from '../aws/s3.ts';
import { Problem } from '../shared/errors.ts';
import { type CompanyId, LogoId, mintId } from '../shared/ids.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import { logoKey } from './object-key.ts';
import type { LogoRepository } from './repository.ts';
import type { Logo, LogoInput, LogoUpload } from './schema.ts';

/** Seconds for which an upload is awaited. Its URL expires earlier, but events of the bucket may be late. */
const AWAITED_SECONDS = 24 * 3600;

interface LogoDeps {
  logos: Pick<LogoRepository, 'getLogo' | 'writeToAwait' | 'clear'>;
  /** Called when a URL is needed, because the presigner is slow to load. */
  presigner: () => Promise<Presigner>;
  source: Source;
}

/** The logo of a company. Its bytes go to S3 and come from there by presigned URL. */
export function logoService({ logos, presigner, source }: LogoDeps) {
  const presigned = presignedRequests(presigner);

  async function getLogoOrThrow(company: CompanyId) {
    const logo = await logos.getLogo(company);
    if (!logo?.picture) throw new Problem('not-found');
    return { ...logo, picture: logo.picture };
  }

  return {
    /** Presigns the upload of a picture, which becomes the logo once it has arrived and was checked. One call. */
    async createUpload(company: CompanyId, input: LogoInput, commit: Commit<LogoUpload>): Promise<LogoUpload> {
      const id = mintId(LogoId, 'logo', source);
      const upload = await presigned.upload({ key: logoKey({ company, id }), ...input });
      const ttl = Math.floor(source.now().getTime() / 1000) + AWAITED_SECONDS;
      const created = { id, upload };
      await commit([logos.writeToAwait(company, { ...input, id, ttl })], created);
      return created;
    },

    /** The logo with a presigned URL to download it. One call. @throws Problem `not-found` */
    async read(company: CompanyId): Promise<Logo> {
      const { id, picture, updatedAt, version } = await getLogoOrThrow(company);
      const { versionId, ...shown } = picture;
      const { url, expiresAt: urlExpiresAt } = await presigned.download({
        key: logoKey({ company, id }),
        versionId,
        contentDisposition: 'inline',
        contentType: picture.contentType,
        cacheControl: 'private, no-store',
      });
      return { id, ...shown, url, urlExpiresAt, updatedAt, version };
    },

    /**
     * Takes the logo away at once; its bytes are removed in the background. Two calls.
     * @throws Problem `not-found`, `stale-version`
     */
    async remove(company: CompanyId, ifMatch: readonly number[] | undefined): Promise<void> {
      await retryOnStaleVersion(ifMatch, async () => {
        const logo = await getLogoOrThrow(company);
        if (ifMatch && !ifMatch.includes(logo.version)) throw new Problem('stale-version');
        const now = source.now();
        const cleared = { ...logo, picture: null, updatedAt: now.toISOString(), version: logo.version + 1 };
        await logos.clear(company, cleared, logo, now);
      });
    },
  };
}
