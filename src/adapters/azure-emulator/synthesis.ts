import type { Behaviour } from "./scenario.ts";
import type { SpeechSocket } from "./speech-socket.ts";

export const DEFAULT_AUDIO_BYTES = 3200;

const CHUNK_BYTES = 4096;

/** Plays the service's part of speech synthesis, one Speech turn after the other. */
export function serveSynthesis(socket: SpeechSocket, behaviour: Behaviour): void {
  socket.listen(({ path, requestId }) => {
    if (path !== "ssml") return;
    const delayMs = behaviour.kind === "works" ? (behaviour.delayMs ?? 0) : 0;
    socket.later(delayMs, () => speak(socket, requestId, behaviour));
  });
}

function speak(socket: SpeechSocket, requestId: string, behaviour: Behaviour): void {
  const context = { serviceTag: requestId.toLowerCase() };
  socket.say("turn.start", requestId, { context });
  if (socket.closedBy(behaviour, "turn-start")) return;
  // Clients drop audio of a stream that no response has announced.
  const streamId = requestId;
  socket.say("response", requestId, { context, audio: { type: "inline", streamId } });
  for (const chunk of chunksOf(audioFor(behaviour))) socket.play(requestId, streamId, chunk);
  socket.play(requestId, streamId, Buffer.alloc(0));
  if (socket.closedBy(behaviour, "audio")) return;
  socket.say("audio.metadata", requestId, {
    Metadata: [{ Type: "SessionEnd", Data: { Offset: 5_000_000 } }],
  });
  if (behaviour.kind !== "no-turn-end") socket.say("turn.end", requestId, {});
}

export function audioFor(behaviour: Behaviour): Buffer {
  if (behaviour.kind === "no-audio") return Buffer.alloc(0);
  return Buffer.alloc((behaviour.kind === "works" && behaviour.audioBytes) || DEFAULT_AUDIO_BYTES, 1);
}

function* chunksOf(audio: Buffer): Generator<Buffer> {
  for (let start = 0; start < audio.length; start += CHUNK_BYTES) {
    yield audio.subarray(start, start + CHUNK_BYTES);
  }
}
