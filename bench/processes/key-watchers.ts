import { once } from "node:events";
import { connect, type Socket } from "node:net";

const PATIENCE_MS = 30_000;

/** Callers of `/keys/watch`, each on a connection of its own, which note when they are told of a key. */
export class KeyWatchers {
  readonly #sockets: Socket[] = [];
  #told = new Map<number, number>();
  #onTold = () => {};

  /** So many, in turn at each of the servers; resolves when all have a key. */
  static async open(urls: readonly string[], count: number): Promise<KeyWatchers> {
    const watchers = new KeyWatchers();
    await watchers.untilAllAreTold(count, async () => {
      for (let n = 0; n < count; n++) await watchers.#open(n, new URL(urls[n % urls.length] as string));
    });
    return watchers;
  }

  /** How many milliseconds it takes from the beginning of `act` until each is told of a key. */
  async untilAllAreTold(count: number, act: () => Promise<unknown>): Promise<readonly number[]> {
    this.#told = new Map();
    const startedAt = performance.now();
    const all = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`Only ${this.#told.size} were told`)), PATIENCE_MS);
      this.#onTold = () => {
        if (this.#told.size < count) return;
        clearTimeout(late);
        resolve();
      };
    });
    await Promise.all([act(), all]);
    return Array.from(this.#told.values(), (at) => at - startedAt);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #open(n: number, { hostname, port }: URL): Promise<void> {
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    this.#sockets.push(socket);
    socket.setEncoding("latin1");
    socket.on("error", () => {});
    socket.on("data", (text: string) => {
      if (!text.includes("event: key") || this.#told.has(n)) return;
      this.#told.set(n, performance.now());
      this.#onTold();
    });
    socket.write("GET /api/keys/watch?region=eastasia HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }
}
