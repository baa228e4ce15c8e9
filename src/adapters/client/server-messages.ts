/** One message of a stream of server-sent events. */
export interface ServerMessage {
  readonly event: string | undefined;
  /** Of this message, or of the last before it that had one; empty for none. */
  readonly id: string;
  /** What was sent, parsed. */
  readonly data: unknown;
}

/** What has been read of a stream of server-sent events; lines that mean nothing here are passed over. */
export class ServerMessages {
  /** Where to go on; undefined before the first. */
  lastId: string | undefined;
  /** How long the server asks to wait before coming back, in milliseconds. */
  retryMs = 2_000;
  #rest = "";

  constructor(lastId: string | undefined) {
    this.lastId = lastId;
  }

  /** A new connection: what was left of the last is no message. */
  begin(): void {
    this.#rest = "";
  }

  /** The messages that are whole with this piece. */
  *take(piece: string): Generator<ServerMessage> {
    const blocks = (this.#rest + piece).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = fieldsOf(block);
      const [id, retry, data] = [fields.get("id"), fields.get("retry"), fields.get("data")];
      if (id !== undefined) this.lastId = id || undefined;
      if (retry !== undefined && /^\d{1,6}$/.test(retry)) this.retryMs = Number(retry);
      if (data !== undefined)
        yield { event: fields.get("event"), id: this.lastId ?? "", data: JSON.parse(data) };
    }
  }
}

function fieldsOf(block: string): ReadonlyMap<string, string> {
  return new Map(
    block.split("\n").flatMap((line): [string, string][] => {
      const colon = line.indexOf(":");
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1).trimStart()]] : [];
    }),
  );
}
