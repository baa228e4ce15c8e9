import fc from "fast-check";
import {
  DEFAULT_SETTINGS,
  disable,
  judge,
  NEW_STANDING,
  type Policy,
  type Standing,
} from "../../src/domain/index.ts";

export const POLICY: Policy = DEFAULT_SETTINGS;
export const NOW = Date.UTC(2026, 0, 1);

/** A key whose cooldown began at NOW: it rests until NOW + 300 s and is protected 5 s more. */
export const throttled: Standing = judge(NEW_STANDING, 429, POLICY, NOW).standing;
export const deadByCode: Standing = judge(NEW_STANDING, 401, POLICY, NOW).standing;
export const disabledByPerson: Standing = disable(NEW_STANDING, NOW);

const rest = fc
  .record({ cooldownUntil: fc.nat(20), protection: fc.nat(5), generation: fc.nat(3) })
  .map(({ cooldownUntil, protection, generation }) => ({
    cooldownUntil,
    protectedUntil: cooldownUntil + protection,
    generation,
  }));

/** Any standing, from a range small enough for ties. */
export const anyStanding: fc.Arbitrary<Standing> = fc.oneof(
  rest.map((rest): Standing => ({ status: "enabled", ...rest })),
  fc
    .tuple(rest, fc.nat(20))
    .map(
      ([rest, disabledAt]): Standing => ({ status: "disabled", disabledBy: "person", disabledAt, ...rest }),
    ),
  fc.tuple(rest, fc.nat(20), fc.constantFrom(401, 403)).map(
    ([rest, disabledAt, disabledCode]): Standing => ({
      status: "disabled",
      disabledBy: "code",
      disabledCode,
      disabledAt,
      ...rest,
    }),
  ),
);
