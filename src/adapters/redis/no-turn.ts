import type { AwayReason, Turn } from "../../domain/index.ts";

/** Why a key is away, in one letter of a script's answer. */
const REASONS: Readonly<Record<string, AwayReason>> = { c: "cooldown" };

/** Why a script took no key: `<reason><until>` or `e`, with a space and the instant behind; anything else is `unloaded`. */
export function parseNoTurn(reply: string): Exclude<Turn, { status: "taken" }> {
  const space = reply.indexOf(" ");
  const at = Number(reply.slice(space + 1));
  const [kind = ""] = reply;
  const reason = REASONS[kind];
  if (reason) return { status: "all-away", until: Number(reply.slice(1, space)), reason, at };
  return kind === "e" ? { status: "empty", at } : { status: "unloaded" };
}
