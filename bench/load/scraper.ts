import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";

const EVERY_MS = 1_000;

/** Asks for metrics as Prometheus does: one connection that stays open. */
export class Scraper {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;
  #timer: NodeJS.Timeout | undefined;
  /** How long each took that came by itself. */
  readonly timesMs: number[] = [];
  failures = 0;

  constructor({ url }: { readonly url: string }) {
    this.#url = `${url}/metrics`;
  }

  /** Answers the milliseconds it took. */
  async scrape(): Promise<number> {
    const startedAt = performance.now();
    const [response] = (await once(get(this.#url, { agent: this.#agent }), "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    if (response.statusCode !== 200) throw new Error(`A scrape answered ${response.statusCode}`);
    return performance.now() - startedAt;
  }

  /** Scrapes every second until `meanwhile` is over, the first time in half a second. */
  async during<T>(meanwhile: Promise<T>): Promise<T> {
    const one = () =>
      this.scrape().then(
        (ms) => this.timesMs.push(ms),
        () => this.failures++,
      );
    this.#timer = setTimeout(() => {
      void one();
      this.#timer = setInterval(one, EVERY_MS);
    }, EVERY_MS / 2);
    try {
      return await meanwhile;
    } finally {
      clearInterval(this.#timer);
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}
