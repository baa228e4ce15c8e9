import type { WebSocket } from "ws";
import type { Behaviour, Close } from "./scenario.ts";
import { decode, encodeAudio, encodeText, type SpeechMessage } from "./speech-message.ts";

/** Runs an action after a delay, or at once for 0; never after the emulator has closed. */
export type Later = (delayMs: number, action: () => void) => void;

/** The service's end of a Speech WebSocket. */
export class SpeechSocket {
  readonly #socket: WebSocket;
  readonly later: Later;

  constructor(socket: WebSocket, later: Later) {
    this.#socket = socket;
    this.later = later;
  }

  listen(onMessage: (message: SpeechMessage) => void): void {
    this.#socket.on("message", (data: Buffer, isBinary: boolean) => {
      const message = decode(data, isBinary);
      if (message) onMessage(message);
      else this.close(1002, "not a message of the speech protocol");
    });
  }

  say(path: string, requestId: string, body: unknown): void {
    this.#socket.send(encodeText(path, requestId, body));
  }

  play(requestId: string, streamId: string, audio: Buffer): void {
    this.#socket.send(encodeAudio(requestId, streamId, audio));
  }

  close(code: number, reason = ""): void {
    this.#socket.close(code, reason);
  }

  /** Closes when the behaviour asks for it at this moment, and says whether it did. */
  closedBy(behaviour: Behaviour, moment: Close["when"]): boolean {
    if (behaviour.kind !== "close" || behaviour.when !== moment) return false;
    this.close(behaviour.code, behaviour.reason);
    return true;
  }
}
