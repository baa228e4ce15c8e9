import type { EndMessage, PoolEventMessage, ResetMessage } from "../http/events/event-answers.ts";

type AnyMessage = PoolEventMessage | ResetMessage | EndMessage;

/** What has been read of a stream of events; lines that mean nothing here are passed over. */
export class EventMessages {
  /** Where to go on; undefined before the first. */
  lastId: string | undefined;
  /** How long to wait before coming back, in milliseconds. */
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
  *take(piece: string): Generator<AnyMessage> {
    const blocks = (this.#rest + piece).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = fieldsOf(block);
      const [id, retry, data] = [fields.get("id"), fields.get("retry"), fields.get("data")];
      if (id !== undefined) this.lastId = id || undefined;
      if (retry !== undefined && /^\d{1,6}$/.test(retry)) this.retryMs = Number(retry);
      if (data === undefined) continue;
      yield { event: fields.get("event"), id: this.lastId ?? "", data: JSON.parse(data) } as AnyMessage;
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
