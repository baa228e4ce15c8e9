import { ask } from "./pool-server.ts";

export interface HandedOut {
  readonly id: number;
  readonly keyname: string;
  readonly tag: string | null;
}

/** One of the servers that share a pool, as a program asks it. */
export class Instance {
  readonly #api: string;

  constructor({ url }: { readonly url: string }) {
    this.#api = `${url}/api`;
  }

  async handOut(region: string): Promise<HandedOut> {
    const answer = await ask(`${this.#api}/keys/get?region=${region}`);
    return ((await answer.json()) as { readonly data: HandedOut }).data;
  }

  async send(method: string, path: string, body?: object): Promise<void> {
    await (await ask(this.#api + path, method, body)).text();
  }
}
