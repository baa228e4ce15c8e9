import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CloseFrame, CloseFrameFinder } from "../../../src/adapters/speech-sdk/close-frame.ts";
import { closeFrame } from "../raw-servers.ts";

function dataFrame(length: number): Buffer {
  const payload = Buffer.alloc(length, 0x88);
  if (length < 126) return Buffer.concat([Buffer.from([0x82, length]), payload]);
  const long = length > 0xffff;
  const header = Buffer.alloc(long ? 10 : 4);
  header.writeUInt8(0x82, 0);
  header.writeUInt8(long ? 127 : 126, 1);
  if (long) header.writeBigUInt64BE(BigInt(length), 2);
  else header.writeUInt16BE(length, 2);
  return Buffer.concat([header, payload]);
}

function findIn(chunks: readonly Buffer[]): CloseFrame | undefined {
  const finder = new CloseFrameFinder();
  for (const chunk of chunks) {
    const close = finder.push(chunk);
    if (close) return close;
  }
  return undefined;
}

describe("close frame", () => {
  it("is found among any frames, however the bytes arrive", () => {
    const length = fc.oneof(fc.nat(130), fc.constantFrom(125, 126, 65_535, 65_536, 70_000));
    const cuts = fc.array(fc.nat(200_000), { maxLength: 8 });
    const property = fc.property(fc.array(length, { maxLength: 4 }), cuts, (lengths, at) => {
      const bytes = Buffer.concat([...lengths.map(dataFrame), closeFrame(4429, "too many")]);
      const edges = [0, ...at.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
      expect(findIn(chunks)).toEqual({ code: 4429, reason: "too many" });
      expect(findIn(chunks.slice(0, -1))).toBeUndefined();
    });
    fc.assert(property, { numRuns: 100 });
  });

  it("is found byte by byte", () => {
    const bytes = Buffer.concat([dataFrame(300), closeFrame(1007, "Quota exceeded")]);
    const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect(findIn(chunks)).toEqual({ code: 1007, reason: "Quota exceeded" });
  });

  it("may have no code", () => {
    expect(findIn([Buffer.from([0x88, 0])])).toEqual({ code: 1005, reason: "" });
  });
});
