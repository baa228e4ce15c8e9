import type { ServerResponse } from "node:http";
import type { KeyWatch } from "../../../application/index.ts";
import { MessageStream } from "../server/message-stream.ts";
import { presentNotice, type WatchMessage } from "./watch-answers.ts";

/** So long a reader waits before it comes again. */
const RETRY_MS = 1_000;

/** One caller's keys. Of what the caller does not take, the newest word waits for him and none before it. */
export class KeyStream {
  readonly messages: MessageStream;
  readonly #watch: KeyWatch;
  readonly #mayStill: () => boolean;

  /** `mayStill` says whether the caller may still be told a key. */
  constructor(res: ServerResponse, watch: KeyWatch, mayStill: () => boolean) {
    this.messages = new MessageStream(res, () => this.#pump());
    this.#watch = watch;
    this.#mayStill = mayStill;
    this.messages.write(`retry: ${RETRY_MS}\n\n`);
    watch.onNews(() => this.#pump());
    this.#pump();
  }

  #pump(): void {
    while (this.messages.hasRoom) {
      const notice = this.#watch.read();
      if (notice === undefined) return;
      if (notice.kind === "end") this.messages.close("stopping");
      else if (notice.kind === "key" && !this.#mayStill()) this.messages.close("not_allowed");
      else this.messages.write(frameOf(presentNotice(notice)));
    }
  }
}

function frameOf(message: WatchMessage): string {
  const id = "id" in message ? `id: ${message.id}\n` : "";
  return `event: ${message.event}\n${id}data: ${JSON.stringify(message.data)}\n\n`;
}
