import { phraseOf } from "./phrase.ts";
import type { Behaviour } from "./scenario.ts";
import type { SpeechMessage } from "./speech-message.ts";
import type { SpeechSocket } from "./speech-socket.ts";

const DEFAULT_TRANSCRIPTION = "Hello.";

/** Plays the service's part of speech recognition, one Speech turn after the other. */
export function serveRecognition(socket: SpeechSocket, behaviour: Behaviour): void {
  const turns = new Map<string, "listening" | "answered">();
  socket.listen((message) => {
    if (message.path !== "audio" || turns.get(message.requestId) === "answered") return;
    if (!turns.has(message.requestId)) {
      turns.set(message.requestId, "listening");
      begin(socket, message, behaviour);
    }
    // Clients end their audio with an empty message, and send it twice.
    if (message.body.length === 0) {
      turns.set(message.requestId, "answered");
      const delayMs = behaviour.kind === "works" ? (behaviour.delayMs ?? 0) : 0;
      socket.later(delayMs, () => answer(socket, message, behaviour));
    }
  });
}

function begin(socket: SpeechSocket, { requestId }: SpeechMessage, behaviour: Behaviour): void {
  socket.say("turn.start", requestId, { context: { serviceTag: requestId.toLowerCase() } });
  socket.closedBy(behaviour, "turn-start");
}

function answer(socket: SpeechSocket, { requestId }: SpeechMessage, behaviour: Behaviour): void {
  if (socket.closedBy(behaviour, "audio") || behaviour.kind === "close") return;
  const status = behaviour.kind === "phrase" ? behaviour.status : "Success";
  const text = (behaviour.kind === "works" && behaviour.transcription) || DEFAULT_TRANSCRIPTION;
  socket.say("speech.startDetected", requestId, { Offset: 500_000 });
  socket.say("speech.endDetected", requestId, { Offset: 9_500_000 });
  socket.say("speech.phrase", requestId, phraseOf(status, text));
  if (behaviour.kind !== "no-turn-end") socket.say("turn.end", requestId, {});
}
