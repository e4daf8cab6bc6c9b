import * as z from 'zod';

const NAME = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}';
const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";

/** A media type (RFC 6838), with parameters where it has some. */
export const ContentType = z
  .string()
  .max(127)
  .regex(new RegExp(`^${NAME}/${NAME}(?:; ?${TOKEN}=${TOKEN})*$`), 'must be a media type such as application/pdf')
  .meta({ examples: ['application/pdf'] });

const UNKNOWN = 'application/octet-stream';

/** Types that no browser runs anything of, whatever the bytes are; images without svg, which is a document with scripts. */
const HARMLESS =
  /^(?:application\/(?:pdf|zip|gzip|json|rtf|msword|vnd\.ms-(?:excel|powerpoint)|vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation)|vnd\.openxmlformats-officedocument\.(?:wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation))|text\/(?:plain|csv)|image\/(?:png|jpeg|gif|webp|avif|heic|heif|tiff|bmp)|audio\/(?:mpeg|mp4|ogg|wav|webm)|video\/(?:mp4|mpeg|ogg|webm|quicktime))$/;

/** The type that a file is handed out with: its own where that is harmless, else one that is only saved. */
export function harmlessType(contentType: string): string {
  const [essence = ''] = contentType.toLowerCase().split(';');
  return HARMLESS.test(essence) ? essence : UNKNOWN;
}
