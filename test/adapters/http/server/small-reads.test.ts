import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { SmallReads } from "../../../../src/adapters/http/server/small-reads.ts";

const SIZE = 64_000;

/** A connection, and what of it has come through. */
function connection() {
  const socket = new Duplex({ read: () => {}, write: (_, __, done) => done() });
  const reads = new SmallReads(socket);
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  return { socket, reads, pieces };
}

/** As Node reads it: with all of the memory to itself. */
function read(): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(SIZE)).fill("all that comes at once");
}

describe("much at once", () => {
  it("comes through in small pieces that stay when its memory is given back", async () => {
    const { socket, pieces } = connection();
    const chunk = read();
    const expected = Buffer.from(chunk);
    socket.resume();
    await new Promise(setImmediate);
    socket.push(chunk);
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(1024);
    expect(Buffer.concat(pieces).equals(expected)).toBe(true);
    expect(chunk.buffer.detached).toBe(true);
  });

  it("goes on where it was held, and nothing overtakes it", async () => {
    const { socket, reads, pieces } = connection();
    const chunk = read();
    const expected = Buffer.concat([chunk, Buffer.from("more")]);
    socket.resume();
    await new Promise(setImmediate);
    socket.once("data", () => reads.hold());
    socket.push(chunk);
    socket.push(Buffer.from("more"));
    expect(pieces).toHaveLength(1);
    expect(chunk.buffer.detached).toBe(false);
    reads.goOn();
    expect(Buffer.concat(pieces).equals(expected)).toBe(true);
  });

  it("gives its memory back when the connection closes, also what comes later", async () => {
    const { socket, reads, pieces } = connection();
    const [chunk, later] = [read(), read()];
    socket.resume();
    await new Promise(setImmediate);
    reads.hold();
    socket.push(chunk);
    socket.destroy();
    await new Promise((resolve) => socket.once("close", resolve));
    socket.push(later);
    expect([chunk.buffer.detached, later.buffer.detached]).toEqual([true, true]);
    expect(pieces).toEqual([]);
  });

  it("leaves alone memory that others have parts of", async () => {
    const { socket } = connection();
    const all = Buffer.from(new ArrayBuffer(2 * SIZE));
    socket.resume();
    await new Promise(setImmediate);
    socket.push(all.subarray(0, SIZE));
    expect(all.buffer.detached).toBe(false);
  });
});

it("connections that end at once end a few in each turn, in their order", async () => {
  const ended: number[] = [];
  const crowd = Array.from({ length: 100 }, (_, n) => {
    const { socket } = connection();
    socket.resume();
    socket.on("end", () => ended.push(n));
    return socket;
  });
  await new Promise(setImmediate);
  for (const socket of crowd) socket.push(null);
  const inTurn: number[] = [];
  while (ended.length < 100) {
    const before = ended.length;
    await new Promise(setImmediate);
    inTurn.push(ended.length - before);
  }
  expect(Math.max(...inTurn)).toBeLessThanOrEqual(16);
  expect(ended).toEqual(Array.from({ length: 100 }, (_, n) => n));
});
