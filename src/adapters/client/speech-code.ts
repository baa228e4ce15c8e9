import { verdictOf } from "../../domain/verdict.ts";
import { type AzureCode, azureCodeIn } from "./azure-code.ts";

/** What is read of a result, or of a canceled event, of Microsoft's Speech SDK. */
interface SpeechResult {
  readonly errorDetails?: unknown;
  readonly errorCode?: unknown;
  readonly properties?: { getProperty(name: string, defaultValue?: string): string };
}

/** By the SDK's `CancellationErrorCode`; its other names say nothing about a key. */
const CANCELLATION_CODES: ReadonlyMap<string | number, number> = new Map<string | number, number>(
  [
    ["AuthenticationFailure", 1, 401],
    ["BadRequestParameters", 2, 400],
    ["TooManyRequests", 3, 429],
    ["ServiceError", 6, 500],
    ["Forbidden", 8, 403],
  ].flatMap(([name, number, code]): [string | number, number][] => [
    [name as string, code as number],
    [number as number, code as number],
  ]),
);

/**
 * What Azure said, read from a result of the Speech SDK, a canceled event, or an error. The SDK calls most refusals a
 * failed connection and has the code in its words only; where it has none, as for a network that failed, nothing was
 * said. Takes what was not canceled for a success.
 */
export function speechCodeIn(outcome: unknown, threw: boolean): AzureCode | undefined {
  if (threw) return azureCodeIn(outcome);
  const { errorDetails, errorCode, properties } = (outcome ?? {}) as SpeechResult;
  if (typeof errorDetails !== "string" || errorDetails === "") return { code: 200 };
  const named = errorCode ?? properties?.getProperty("CancellationErrorCode", "");
  const code = ofUpgrade(errorDetails) ?? ofClose(errorDetails) ?? CANCELLATION_CODES.get(named as string);
  return code === undefined ? undefined : { code };
}

function ofUpgrade(words: string): number | undefined {
  const status = Number(/Unexpected server response: (\d{3})\b/.exec(words)?.[1]);
  return status >= 400 && status <= 599 ? status : undefined;
}

function ofClose(words: string): number | undefined {
  const [, reason = "", code] = /^(.*) websocket error code: (\d{4})$/s.exec(words.trimEnd()) ?? [];
  if (code === undefined) return undefined;
  const verdict = verdictOf({ kind: "closed", code: Number(code), reason });
  return verdict.source === "service" ? verdict.code : undefined;
}
