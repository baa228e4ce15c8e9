import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encodeAudio, encodeText } from "../../../src/adapters/azure-emulator/speech-message.ts";

describe("speech message", () => {
  it("comes back as it was sent, as text", () => {
    const property = fc.property(fc.json(), (json) => {
      const message = decode(Buffer.from(encodeText("Speech.Phrase", "ABC", JSON.parse(json))), false);
      expect(message).toMatchObject({ path: "speech.phrase", requestId: "ABC" });
      expect(JSON.parse(message?.body.toString() ?? "")).toEqual(JSON.parse(json));
    });
    fc.assert(property);
  });

  it("comes back as it was sent, as audio", () => {
    const property = fc.property(fc.uint8Array(), (audio) => {
      const message = decode(encodeAudio("ABC", "STREAM", Buffer.from(audio)), true);
      expect(message).toMatchObject({ path: "audio", requestId: "ABC" });
      expect([...(message?.body ?? [])]).toEqual([...audio]);
    });
    fc.assert(property);
  });

  it("keeps a text on one line, whatever it says", () => {
    const sent = encodeText("speech.phrase", "ABC", { DisplayText: "one\r\n\r\ntwo" });
    expect(sent.split("\r\n\r\n")).toHaveLength(2);
  });

  it("is none when anything is amiss", () => {
    const property = fc.property(fc.uint8Array(), fc.boolean(), (bytes, isBinary) => {
      expect(decode(Buffer.from(bytes), isBinary)).toBeUndefined();
    });
    fc.assert(property);
    expect(decode(Buffer.from("Path: audio\r\n\r\n"), false)).toBeUndefined();
  });
});
