import { crc32, deflateSync } from 'node:zlib';

type Bytes = Buffer<ArrayBuffer>;

const numbers = (bytes: 2 | 4, ...values: number[]): Bytes => {
  const buffer = Buffer.alloc(bytes * values.length);
  for (const [index, value] of values.entries()) buffer.writeUIntBE(value, bytes * index, bytes);
  return buffer;
};

function chunk(type: string, data: Uint8Array): Bytes {
  const content = Buffer.concat([Buffer.from(type), data]);
  return Buffer.concat([numbers(4, data.length), content, numbers(4, crc32(content))]);
}

/** A grey PNG of this size in pixels. */
export function pngOf(width: number, height: number): Bytes {
  const rows = Buffer.alloc((width + 1) * height, 0x80);
  for (let row = 0; row < height; row++) rows[row * (width + 1)] = 0;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', Buffer.concat([numbers(4, width, height), Buffer.from([8, 0, 0, 0, 0])])),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const segment = (marker: number, data: Uint8Array): Bytes =>
  Buffer.concat([Buffer.from([0xff, marker]), numbers(2, data.length + 2), data]);

/** The preview that cameras put into the header of a JPEG: a JPEG of its own. */
const PREVIEW = Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 0xff, 0xd9]);

/** A JPEG of this size in pixels. No decoder would accept it: it has no tables. */
export function jpegOf(width: number, height: number, { hasPreview = false } = {}): Bytes {
  const frame = Buffer.concat([Buffer.from([8]), numbers(2, height, width), Buffer.from([1, 1, 0x11, 0])]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...(hasPreview ? [segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), PREVIEW]))] : []),
    segment(0xc0, frame),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([1, 2, 3, 4, 0xff, 0xd9]),
  ]);
}
