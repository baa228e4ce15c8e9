import type { Statistics } from "../../application/index.ts";
import { maskSecret } from "../../domain/index.ts";
import { isoTime } from "./iso-time.ts";

export function presentStatistics({ counts, cooling, at }: Statistics) {
  const { enabled, cooldown, disabled } = counts;
  return {
    cooldown: {
      totalKeys: enabled + cooldown + disabled,
      cooldownKeys: cooldown,
      enabledKeys: enabled,
      disabledKeys: disabled,
    },
    cooldownKeys: cooling.map(({ secret, region, standing: { cooldownUntil } }) => ({
      key: maskSecret(secret),
      region,
      cooldownUntil: isoTime(cooldownUntil),
      remainingSeconds: Math.ceil((cooldownUntil - at) / 1000),
    })),
  };
}
