import * as z from 'zod';
import { Sha256, Upload } from '../documents/schema.ts';
import { LogoId } from '../shared/ids.ts';
import { Instant } from '../shared/text.ts';
import type { Entity } from '../table/entity.ts';

/** The most bytes of a logo, which each mail to a contact contains. */
const MAX_BYTES = 524_288;
/** The fewest and the most pixels of each side. */
export const SIDE = { min: 16, max: 2000 };

export const LogoType = z.enum(['image/png', 'image/jpeg']).describe('The media type of the picture.');
export type LogoType = z.output<typeof LogoType>;

const Size = z
  .int()
  .min(1)
  .max(MAX_BYTES)
  .meta({ examples: [18_204] });

export const LogoInput = z
  .strictObject({
    contentType: LogoType,
    size: Size.describe('The exact number of bytes: at most 512 KB (524 288 bytes).'),
    sha256: Sha256.describe('The SHA-256 hash of the bytes, in hexadecimal.'),
  })
  .meta({ id: 'LogoInput' });
export type LogoInput = z.output<typeof LogoInput>;

export const LogoUpload = z
  .object({
    id: LogoId.describe('The id that the logo will have. The entry in the system log names it if it is refused.'),
    upload: Upload,
  })
  .meta({ id: 'LogoUpload' });
export type LogoUpload = z.output<typeof LogoUpload>;

const Side = z.int().min(SIDE.min).max(SIDE.max);

/** What is known of a picture that was checked. */
const picture = {
  contentType: LogoType,
  width: Side.describe('Pixels.').meta({ examples: [480] }),
  height: Side.describe('Pixels.').meta({ examples: [128] }),
  size: Size.describe('Bytes.'),
};

export const Logo = z
  .object({
    id: LogoId,
    ...picture,
    url: z.url().meta({
      description: 'The presigned URL to download it. Whoever has it can use it until it expires, five minutes later.',
      examples: ['https://documents.s3.eu-west-1.amazonaws.com/logos/co_01JD/logo_01JD?X-Amz-Signature=9f86d08'],
    }),
    urlExpiresAt: Instant.describe('When the URL expires.'),
    updatedAt: Instant.describe('When it became the logo.'),
    version: z.int().positive().describe('Each new logo and each deletion raises it. If-Match of a deletion names it.'),
  })
  .meta({ id: 'Logo', description: 'The picture in place of the name of the company in mails to contacts.' });
export type Logo = z.output<typeof Logo>;

/** The logo of a company, once it has had one. */
export const logoEntity = {
  name: 'logo',
  version: 1,
  schema: z.object({
    /** The newest upload that has become the logo. An older one that arrives later does not replace it. */
    id: LogoId,
    /** What it is, and the object version that has its bytes; null after a deletion. */
    picture: z.object({ ...picture, versionId: z.string() }).nullable(),
    updatedAt: Instant,
    version: z.int().positive(),
  }),
} satisfies Entity;
export type StoredLogo = z.output<typeof logoEntity.schema>;

/** An upload that has not arrived yet. */
export const logoUploadEntity = {
  name: 'logo-upload',
  version: 1,
  schema: z.object({
    ...LogoInput.shape,
    id: LogoId,
    /** Epoch seconds after which it is awaited no longer. */
    ttl: z.int(),
  }),
} satisfies Entity;
export type AwaitedLogo = z.output<typeof logoUploadEntity.schema>;

/** The pending removal of the bytes of a logo that was refused, replaced or deleted. */
export const logoRemovalEntity = {
  name: 'logo-removal',
  version: 1,
  schema: z.object({ id: LogoId, createdAt: Instant }),
} satisfies Entity;
