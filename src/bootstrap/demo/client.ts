export interface Answer<T> {
  readonly status: number;
  readonly success: boolean;
  readonly data: T;
  readonly error?: string;
}

export interface HandedOut {
  readonly key: string;
  readonly keyname: string;
}

export interface StatusUpdate {
  readonly action: string;
  readonly statusChanged: boolean;
}

/** A program that uses the pool: asks it for keys, calls Azure itself and reports what it got. */
export class Client {
  readonly #apiUrl: string;
  readonly #azureUrl: string;

  constructor(apiUrl: string, azureUrl: string) {
    this.#apiUrl = apiUrl;
    this.#azureUrl = azureUrl;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(`${this.#apiUrl}/api${path}`, {
      method,
      ...(body !== undefined && {
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer<T>, "status">) };
  }

  /** Synthesizes a sentence with the key; answers Azure's status code. */
  async speak(key: string, signal: AbortSignal): Promise<number> {
    const response = await fetch(`${this.#azureUrl}/cognitiveservices/v1`, {
      method: "POST",
      headers: { "Ocp-Apim-Subscription-Key": key, "Content-Type": "application/ssml+xml" },
      body: "<speak version='1.0' xml:lang='en-US'>Hello.</speak>",
      signal,
    });
    await response.arrayBuffer();
    return response.status;
  }
}
