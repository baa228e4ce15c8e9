import { once } from "node:events";
import { connect, type Socket } from "node:net";

// Callers in a process of their own, so that what they read and write does not delay those who are measured.
const [url = "", rudeness, count = ""] = process.argv.slice(2);
const { hostname, port, host } = new URL(url);

/** What the lists have sent, together, before their callers hang up. */
const TASTE_BYTES = 2_000_000;
/** How long a caller goes on sending what the server does not take. */
const PATIENCE_MS = 3_000;

if (rudeness === "lists") await askForLists(Number(count));
else await pipelineTests(Number(count));

/** Full lists at once, given up in the middle. */
async function askForLists(lists: number): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: lists }, open));
  const tasted = Promise.withResolvers<void>();
  let bytes = 0;
  for (const socket of sockets) {
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes >= TASTE_BYTES) tasted.resolve();
    });
    socket.write(`GET /api/keys HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  }
  await tasted.promise;
  for (const socket of sockets) socket.destroy();
}

/** Tests of keys down one connection, without waiting for an answer, and a hang-up. */
async function pipelineTests(tests: number): Promise<void> {
  const socket = await open();
  socket.resume();
  const late = setTimeout(() => socket.destroy(), PATIENCE_MS);
  for (let n = 0; n < tests && !socket.destroyed; n++) {
    const body = `{"key":"rude${String(n).padStart(28, "0")}","region":"eastasia"}`;
    const head = `POST /api/keys/test HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
    const isTaken = socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    if (!isTaken) await Promise.race([once(socket, "drain"), once(socket, "close")]);
  }
  // Leaves the server the time to read what it was sent.
  if (!socket.destroyed) await once(socket, "close");
  clearTimeout(late);
}

async function open(): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}
