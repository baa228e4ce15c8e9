export interface CloseFrame {
  readonly code: number;
  readonly reason: string;
}

const CLOSE = 8;

/**
 * Finds the close frame in what a server sends over a WebSocket. The SDK loses its code when the close
 * comes before the first question, and hides code 1000 altogether.
 */
export class CloseFrameFinder {
  /** The start of a frame whose header, or whose close payload, is not complete yet. */
  #pending = Buffer.alloc(0);
  /** Payload bytes of the current frame that are still to be passed over. */
  #toSkip = 0;

  /** Takes the next bytes; answers the close frame once it is complete. */
  push(chunk: Buffer): CloseFrame | undefined {
    let data = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = Buffer.alloc(0);
    for (;;) {
      const skipped = Math.min(this.#toSkip, data.length);
      this.#toSkip -= skipped;
      data = data.subarray(skipped);
      if (data.length === 0) return undefined;
      const frame = readHeader(data);
      if (!frame || (frame.opcode === CLOSE && data.length < frame.start + frame.length)) {
        this.#pending = Buffer.from(data);
        return undefined;
      }
      if (frame.opcode === CLOSE) return readClose(data.subarray(frame.start, frame.start + frame.length));
      data = data.subarray(frame.start);
      this.#toSkip = frame.length;
    }
  }
}

interface Header {
  readonly opcode: number;
  /** Where the payload starts. */
  readonly start: number;
  readonly length: number;
}

/** RFC 6455, 5.2, for frames from a server, which are not masked. */
function readHeader(data: Buffer): Header | undefined {
  if (data.length < 2) return undefined;
  const opcode = data.readUInt8(0) & 0x0f;
  const short = data.readUInt8(1) & 0x7f;
  if (short < 126) return { opcode, start: 2, length: short };
  const start = short === 126 ? 4 : 10;
  if (data.length < start) return undefined;
  return { opcode, start, length: short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2)) };
}

function readClose(payload: Buffer): CloseFrame {
  if (payload.length < 2) return { code: 1005, reason: "" };
  return { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
}
