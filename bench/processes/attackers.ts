import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

// Attackers in a process of their own, so that what they do does not delay those who are measured.
const [url = "", attack = "", milliseconds = ""] = process.argv.slice(2);
const { hostname, port, host } = new URL(url);
const until = performance.now() + Number(milliseconds);
const isOver = () => performance.now() >= until;

const ATTACKS: Readonly<Record<string, () => Promise<unknown>>> = {
  /** Headers that never end, a byte at a time. */
  "slow-loris": () =>
    together(500, async () => {
      const socket = await open();
      socket.write(`GET /api/keys/get HTTP/1.1\r\nHost: ${host}\r\nX-A: `);
      while (!isOver() && !socket.destroyed) {
        socket.write("a");
        await sleep(100);
      }
      socket.destroy();
    }),
  "oversized-headers": () =>
    together(8, async () => {
      while (!isOver()) {
        const socket = await open();
        socket.write(`GET /api/keys/get HTTP/1.1\r\nHost: ${host}\r\nX-A: ${"a".repeat(64_000)}\r\n\r\n`);
        socket.resume();
        await Promise.race([heard(socket, "close"), sleep(1_000)]);
        socket.destroy();
      }
    }),
  "idle-connections": async () => {
    const sockets: Socket[] = [];
    for (let n = 0; n < 5_000 && !isOver(); n += 100) {
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, open))));
    }
    await sleep(Math.max(0, until - performance.now()));
    for (const socket of sockets) socket.destroy();
  },
  "endless-pipelining": () =>
    together(4, async () => {
      const socket = await open();
      socket.resume();
      const requests = `GET /api/keys/get HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(500);
      while (!isOver() && !socket.destroyed) {
        if (!socket.write(requests))
          await Promise.race([heard(socket, "drain"), heard(socket, "close"), sleep(1_000)]);
      }
      socket.destroy();
    }),
  /** Uploads that announce much and send nothing more. */
  "hanging-uploads": () =>
    together(200, async () => {
      const socket = await open();
      socket.resume();
      const head = `POST /api/upload/create-keys HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
      socket.write(`${head}Content-Length: 30000000\r\n\r\n{"jsonData":[`);
      await Promise.race([heard(socket, "close"), sleep(Math.max(0, until - performance.now()))]);
      socket.destroy();
    }),
  "list-floods": () =>
    together(20, async () => {
      while (!isOver()) {
        const socket = await open();
        socket.write(`GET /api/keys HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        await Promise.race([heard(socket, "data"), heard(socket, "close"), sleep(1_000)]);
        socket.destroy();
      }
    }),
  "failed-logins": () =>
    together(8, async () => {
      const socket = await open();
      const wrong = `akp_0000000000_${"A".repeat(49)}`;
      const request = `GET /api/keys HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${wrong}\r\n\r\n`;
      while (!isOver() && !socket.destroyed) {
        socket.write(request);
        await Promise.race([heard(socket, "data"), heard(socket, "close"), sleep(1_000)]);
      }
      socket.destroy();
    }),
};

const run = ATTACKS[attack];
if (!run) throw new Error(`There are ${Object.keys(ATTACKS).join(", ")}`);
await run();

function together(count: number, attacker: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, attacker));
}

async function open(): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await Promise.race([heard(socket, "connect"), heard(socket, "close")]);
  return socket;
}

/** Unlike `once`, takes a connection that is cut for one that is closed. */
function heard(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve) => void socket.once(event, () => resolve()));
}
