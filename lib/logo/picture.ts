import { imageDimensionsFromData } from 'image-dimensions';
import { type LogoType, SIDE } from './schema.ts';

/** The size of a picture in pixels, or why it cannot be a logo, as the end of a sentence. */
type Inspection = { width: number; height: number } | { fault: string };

const END_OF_PNG = Buffer.from('IEND');
const START_OF_SCAN = Buffer.from([0xff, 0xda]);
const END_OF_JPEG = Buffer.from([0xff, 0xd9]);

const formats = {
  'image/png': { type: 'png', name: 'PNG', isComplete: (bytes: Buffer) => bytes.includes(END_OF_PNG) },
  'image/jpeg': {
    type: 'jpeg',
    name: 'JPEG',
    // A preview in the header has an end of its own, which is before the scan of the picture itself.
    isComplete: (bytes: Buffer) => bytes.lastIndexOf(END_OF_JPEG) > bytes.lastIndexOf(START_OF_SCAN),
  },
} as const satisfies Record<LogoType, unknown>;

/** Looks at the header and the end of a picture, which is neither decoded nor changed. Pure. */
export function inspectPicture(content: Uint8Array, contentType: LogoType): Inspection {
  const { type, name, isComplete } = formats[contentType];
  const found = imageDimensionsFromData(content);
  if (found?.type !== type) return { fault: `it is no ${name}` };
  const { width, height } = found;
  if (Math.min(width, height) < SIDE.min || Math.max(width, height) > SIDE.max)
    return { fault: `it has ${width} × ${height} pixels, and each side must have ${SIDE.min} to ${SIDE.max}` };
  if (!isComplete(Buffer.from(content.buffer, content.byteOffset, content.byteLength)))
    return { fault: 'its end is missing' };
  return { width, height };
}
