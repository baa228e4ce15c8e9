import type { Close, Scenario } from "../../../src/adapters/azure-emulator/index.ts";
import type { VerdictSource } from "../../../src/domain/index.ts";

type Expected = readonly [code: number, source: VerdictSource];

export interface MatrixCase {
  readonly name: string;
  /** What the emulator plays; absent when another server, or none, is asked. */
  readonly scenario?: Scenario;
  readonly synthesis: Expected;
  readonly recognition: Expected;
  /** Whether only the deadline can end it. */
  readonly hangs?: boolean;
}

/** Everything the emulator can do to a probe, and the verdict that is due. */
export const EMULATED: readonly MatrixCase[] = [
  same("a working key", { kind: "works" }, [200, "service"]),
  same("a slow answer", { kind: "works", delayMs: 30 }, [200, "service"]),
  ...[400, 401, 403, 404, 408, 429, 500, 502, 503].map((status) =>
    same(`an upgrade refused with ${status}`, { kind: "refuse", status }, [status, "service"]),
  ),
  ...[200, 204, 301, 302, 307].map((status) =>
    same(`an upgrade answered ${status}`, { kind: "refuse", status, headers: redirect(status) }, [
      502,
      "transport",
    ]),
  ),
  same("a slow refusal", { kind: "refuse", status: 401, delayMs: 30 }, [401, "service"]),
  same("a handshake never answered", { kind: "unanswered" }, [504, "transport"], true),
  same("accepted, then silent", { kind: "silent" }, [504, "transport"], true),
  same("a turn that never ends", { kind: "no-turn-end" }, [504, "transport"], true),
  same("dropped at the handshake", { kind: "drop", when: "handshake" }, [502, "transport"]),
  same("dropped once accepted", { kind: "drop", when: "accepted" }, [502, "transport"]),
  ...closes(1000, "", [502, "transport"]),
  ...closes(1001, "", [503, "service"]),
  ...closes(1002, "", [500, "service"]),
  ...closes(1003, "", [400, "service"]),
  ...closes(1007, "Unsupported voice", [400, "service"]),
  ...closes(1007, "Throttled due to too many requests", [429, "service"]),
  ...closes(1007, "Quota exceeded. Cid: ", [429, "service"]),
  ...closes(1008, "", [500, "service"]),
  ...closes(1009, "", [400, "service"]),
  ...closes(1011, "", [500, "service"]),
  ...closes(1012, "", [503, "service"]),
  ...closes(1013, "", [503, "service"]),
  ...closes(4000, "", [500, "service"]),
  ...closes(4429, "you have exceeded the concurrent request limit", [429, "service"]),
  phrase("NoMatch", [200, "service"]),
  phrase("InitialSilenceTimeout", [200, "service"]),
  phrase("BabbleTimeout", [200, "service"]),
  phrase("TooManyRequests", [429, "service"]),
  phrase("Forbidden", [403, "service"]),
  phrase("Error", [500, "service"]),
  phrase("BadRequest", [400, "service"]),
  phrase("Sunspots", [500, "service"]),
  {
    name: "completed without audio",
    scenario: { kind: "no-audio" },
    synthesis: [502, "transport"],
    recognition: [200, "service"],
  },
];

export function same(
  name: string,
  scenario: Scenario | undefined,
  verdict: Expected,
  hangs = false,
): MatrixCase {
  return { name, ...(scenario ? { scenario } : {}), synthesis: verdict, recognition: verdict, hangs };
}

function closes(code: number, reason: string, verdict: Expected): readonly MatrixCase[] {
  const moments: readonly Close["when"][] = ["accepted", "turn-start", "audio"];
  return moments.map((when) =>
    same(`close ${code} "${reason}" at ${when}`, { kind: "close", code, reason, when }, verdict),
  );
}

function phrase(status: string, recognition: Expected): MatrixCase {
  const scenario = { kind: "phrase", status } as const;
  return { name: `phrase ${status}`, scenario, synthesis: [200, "service"], recognition };
}

function redirect(status: number): Record<string, string> {
  return status >= 300 ? { Location: "http://127.0.0.1:9/elsewhere" } : {};
}
