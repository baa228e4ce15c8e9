import { rankOf, type Standing } from "../../domain/index.ts";

/** The standing as its rank, which holds every fact of it: the same standing is always the same text. */
export function standingText(standing: Standing): string {
  return rankOf(standing).join(",");
}

export function parseStanding(text: string): Standing {
  const rank = text.split(",").map(Number) as unknown as ReturnType<typeof rankOf>;
  const [generation, disabled, cooldownUntil, protectedUntil, minusDisabledAt, minusDisabledCode] = rank;
  const rest = { cooldownUntil, protectedUntil, generation };
  if (disabled === 0) return { status: "enabled", ...rest };
  const disabledAt = 0 - minusDisabledAt;
  if (disabled === 2) return { status: "disabled", disabledBy: "person", disabledAt, ...rest };
  return { status: "disabled", disabledBy: "code", disabledCode: 0 - minusDisabledCode, disabledAt, ...rest };
}
