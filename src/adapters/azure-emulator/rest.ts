import { phraseOf } from "./phrase.ts";
import type { RequestKind } from "./route.ts";
import type { Behaviour, Refuse } from "./scenario.ts";
import { audioFor } from "./synthesis.ts";

export interface RestQuestion {
  readonly kind: RequestKind;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** What a REST request is answered when its key works. A token is issued by the caller. */
export function answerRest(question: RestQuestion, behaviour: Behaviour, token: string): RestAnswer {
  switch (question.kind) {
    case "token":
      return { status: 200, headers: { "Content-Type": "application/jwt" }, body: token };
    case "voices":
      return json(200, VOICES);
    case "synthesis-rest":
      return { status: 200, headers: { "Content-Type": "audio/mpeg" }, body: audioFor(behaviour) };
    case "translation":
      return translate(question);
    default:
      return recognize(question, behaviour);
  }
}

export function refusalOf(kind: RequestKind | "unknown", refuse: Refuse): RestAnswer {
  const { status, retryAfterSeconds, headers, body } = refuse;
  const waiting = retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) };
  const code = kind === "translation" ? status * 1000 : String(status);
  const plain = json(status, body ?? { error: { code, message: "The request was refused." } });
  return { ...plain, headers: { ...plain.headers, ...waiting, ...headers } };
}

/** How many characters a translation asks for; 0 when the body makes no sense. */
export function charactersIn(body: Buffer): number {
  return textsOf(body)?.reduce((sum, text) => sum + text.length, 0) ?? 0;
}

const VOICES = ["en-US-AvaMultilingualNeural", "en-US-JennyNeural"].map((shortName) => ({
  Name: `Microsoft Server Speech Text to Speech Voice (en-US, ${shortName.slice(6)})`,
  ShortName: shortName,
  Locale: "en-US",
  VoiceType: "Neural",
  Status: "GA",
}));

function recognize({ query }: RestQuestion, behaviour: Behaviour): RestAnswer {
  if (!query.get("language")) return json(400, { error: { code: "400", message: "language is required" } });
  const status = behaviour.kind === "phrase" ? behaviour.status : "Success";
  const text = (behaviour.kind === "works" && behaviour.transcription) || "Hello.";
  return json(200, phraseOf(status, text));
}

function translate({ query, body }: RestQuestion): RestAnswer {
  const problem = (code: number, message: string) => json(400, { error: { code, message } });
  if (query.get("api-version") !== "3.0") return problem(400021, "The API version is missing or wrong.");
  const targets = query.getAll("to");
  if (targets.length === 0) return problem(400036, "The target language is not valid.");
  const texts = textsOf(body);
  if (!texts) return problem(400074, "The body of the request is not valid JSON.");
  const detected = query.has("from") ? {} : { detectedLanguage: { language: "en", score: 1 } };
  const translationsOf = (text: string) => targets.map((to) => ({ text: `[${to}] ${text}`, to }));
  return json(
    200,
    texts.map((text) => ({ ...detected, translations: translationsOf(text) })),
  );
}

function textsOf(body: Buffer): readonly string[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed)) return undefined;
  const texts: unknown[] = parsed.map((item) => item?.Text ?? item?.text);
  return texts.every((text) => typeof text === "string") ? texts : undefined;
}

function json(status: number, body: unknown): RestAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}
