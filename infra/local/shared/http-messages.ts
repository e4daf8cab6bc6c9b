/** An HTTP/1.1 request or response: the bytes as they came, and what was read of them. */
export type HttpMessage = { bytes: Buffer; head: string; body: Buffer };

export type MessageReader = {
  /** Takes the next bytes of a connection; the message, once it is complete. */
  read(chunk: Buffer): HttpMessage | undefined;
};

const LENGTH = /\r\ncontent-length: *(\d+)/i;

/**
 * Splits the bytes of a connection into messages. It reads what the SDK and the engines send: one message at a time, with a
 * content length.
 *
 * @throws Error from `read` for a message that is longer than `maximumBytes`, has no content length, or runs into the next one
 */
export function messageReader(maximumBytes: number): MessageReader {
  let chunks: Buffer[] = [];
  let received = 0;
  let head: { text: string; bodyAt: number; total: number } | undefined;

  function readHead(): typeof head {
    const [first] = chunks;
    const bytes = chunks.length === 1 && first ? first : Buffer.concat(chunks);
    chunks = [bytes];
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const text = bytes.toString('latin1', 0, end);
    const [, length] = LENGTH.exec(text) ?? [];
    if (length === undefined) throw new Error('an HTTP message has no content-length');
    return { text, bodyAt: end + 4, total: end + 4 + Number(length) };
  }

  return {
    read(chunk) {
      chunks.push(chunk);
      received += chunk.length;
      head ??= readHead();
      if (received > maximumBytes || (head && received > head.total)) throw new Error('an HTTP message is too long');
      if (head === undefined || received < head.total) return undefined;
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      const message = { bytes, head: head.text, body: bytes.subarray(head.bodyAt) };
      [chunks, received, head] = [[], 0, undefined];
      return message;
    },
  };
}

/** A header of a message; undefined if it has none. @param name in lower case */
export function headerOf(head: string, name: string): string | undefined {
  const line = head.split('\r\n').find((candidate) => candidate.slice(0, name.length + 1).toLowerCase() === `${name}:`);
  return line?.slice(name.length + 1).trim();
}

/** The status of a response. */
export function statusOf(head: string): number {
  return Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
}
