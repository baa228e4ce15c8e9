import { maskSecretIn } from "../../domain/index.ts";

/** Remembers recognition's answer as it came; the SDK rewrites it, and drops it when it cancels. */
export class PhraseNote {
  #text: string | undefined;

  hear(path: string, text: string): void {
    if (path.toLowerCase() === "speech.phrase") this.#text = text;
  }

  /** The answer parsed, and its `RecognitionStatus`; null when none came or it is no JSON. */
  read(secret: string): { readonly rawResponse: unknown; readonly status: string | null } {
    const rawResponse = parse(this.#text && maskSecretIn(this.#text, secret));
    const status = (rawResponse as { RecognitionStatus?: unknown } | null)?.RecognitionStatus;
    return { rawResponse, status: typeof status === "string" ? status : null };
  }
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
