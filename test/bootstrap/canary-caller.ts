import type { PoolServer } from "../servers/pool-server.ts";

export interface Asked {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it stands. */
  readonly body?: unknown;
}

export interface Told {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the tests look at, field by field
  readonly json: any;
}

/** The answers that may tell a secret, when they are no failures. */
const TELLING =
  /^(GET \/api\/(translation\/)?keys\/(get|watch|export)|POST \/api\/(translation\/)?keys\/[^/]+\/reveal|POST \/api\/leases|POST \/api\/tokens) 2/;

/** Asks a server, and keeps every answer: those that may tell a secret apart from all others. */
export class CanaryCaller {
  /** Head and body of each. */
  readonly silent: string[] = [];
  readonly telling: string[] = [];
  readonly statuses = new Set<number>();
  #server: Pick<PoolServer, "url">;

  constructor(server: Pick<PoolServer, "url">) {
    this.#server = server;
  }

  /** From now on another process is asked. */
  turnTo(server: Pick<PoolServer, "url">): void {
    this.#server = server;
  }

  /** `target` is the path with its query. */
  async ask(method: string, target: string, { token, headers, body }: Asked = {}): Promise<Told> {
    const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(this.#server.url + target, {
      method,
      redirect: "manual",
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(sent !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const { status } = response;
    this.statuses.add(status);
    const [path] = target.split("?");
    const isTelling = TELLING.test(`${method} ${path} ${status}`);
    if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
      void this.#listen(response, isTelling ? this.telling : this.silent);
      return { status, json: undefined };
    }
    const text = await response.text();
    const kept = `${status} ${JSON.stringify([...response.headers])} ${text}`;
    (isTelling ? this.telling : this.silent).push(kept);
    const isJson = text.startsWith("{");
    return { status, json: isJson ? JSON.parse(text) : undefined };
  }

  /** To what has no end of its own: it ends with the server. */
  async #listen({ body }: Response, kept: string[]): Promise<void> {
    try {
      for await (const chunk of body ?? []) kept.push(Buffer.from(chunk).toString());
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
}
