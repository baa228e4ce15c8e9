export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: {
    readonly success: boolean;
    readonly code?: string;
    readonly error?: string;
    // biome-ignore lint/suspicious/noExplicitAny: an answer is what the tests look at, field by field
    readonly data?: any;
  };
}

/** Asks a server as any program would. Rejects when there was no answer. */
export class Api {
  readonly #base: string;
  readonly #token: Readonly<Record<string, string>>;

  constructor({ url }: { readonly url: string }, token?: string) {
    this.#base = `${url}/api`;
    this.#token = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  get(path: string): Promise<Answer> {
    return this.#ask("GET", path);
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.#ask("POST", path, body);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.#ask("PUT", path, body);
  }

  delete(path: string): Promise<Answer> {
    return this.#ask("DELETE", path);
  }

  add(key: string, region = "eastasia", more: object = {}): Promise<Answer> {
    return this.post("/keys", { key, region, ...more });
  }

  report(key: string, code: unknown, note?: string): Promise<Answer> {
    return this.post("/keys/status", { key, code, note });
  }

  handOut(region = "eastasia"): Promise<Answer> {
    return this.get(`/keys/get?region=${region}`);
  }

  set(name: string, value: unknown): Promise<Answer> {
    return this.post("/config", { config_key: name, config_value: value });
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { ...this.#token, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return {
      status,
      retryAfter: headers.get("retry-after"),
      body: (await response.json()) as Answer["body"],
    };
  }
}
