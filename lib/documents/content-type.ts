import * as z from 'zod';

const NAME = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}';
const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";

/** A media type (RFC 6838), with or without parameters. */
export const ContentType = z
  .string()
  .max(127, { abort: true })
  .regex(new RegExp(`^${NAME}/${NAME}(?:; ?${TOKEN}=${TOKEN})*$`), 'must be a media type such as application/pdf')
  .meta({ examples: ['application/pdf'] });

const BINARY = 'application/octet-stream';

/**
 * Types of which no browser executes anything, whatever the bytes are. SVG is not among them, because it can have
 * scripts.
 */
const PASSIVE =
  /^(?:application\/(?:pdf|zip|gzip|json|rtf|msword|vnd\.ms-(?:excel|powerpoint)|vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation)|vnd\.openxmlformats-officedocument\.(?:wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation))|text\/(?:plain|csv)|image\/(?:png|jpeg|gif|webp|avif|heic|heif|tiff|bmp)|audio\/(?:mpeg|mp4|ogg|wav|webm)|video\/(?:mp4|mpeg|ogg|webm|quicktime))$/;

/** The type that a file is served with: its own if no browser executes it, else `application/octet-stream`. */
export function safeContentType(contentType: string): string {
  const [essence = ''] = contentType.toLowerCase().split(';');
  return PASSIVE.test(essence) ? essence : BINARY;
}
