import { describe, expect, test } from "vitest";
import { awayAt, disable, enable, NEW_STANDING, phase, statusAt } from "../../src/domain/index.ts";
import { deadByCode, disabledByPerson, NOW, throttled } from "../situations/standings.ts";

describe("phase", () => {
  test("a new key is available", () => {
    expect(phase(NEW_STANDING, NOW)).toBe("available");
  });

  test("a deadline passes at its very millisecond", () => {
    expect(phase(throttled, NOW + 299_999)).toBe("cooling");
    expect(phase(throttled, NOW + 300_000)).toBe("protected");
    expect(phase(throttled, NOW + 304_999)).toBe("protected");
    expect(phase(throttled, NOW + 305_000)).toBe("available");
  });

  test("protected counts as enabled on the wire", () => {
    expect(statusAt(throttled, NOW)).toBe("cooldown");
    expect(statusAt(throttled, NOW + 300_000)).toBe("enabled");
    expect(statusAt(deadByCode, NOW)).toBe("disabled");
  });
});

describe("a key is away", () => {
  test("until its deadline, because of its cooldown", () => {
    const away = { until: NOW + 300_000, reason: "cooldown" };
    expect(awayAt(throttled, NOW)).toEqual(away);
    expect(awayAt(throttled, NOW + 299_999)).toEqual(away);
    expect(awayAt(throttled, NOW + 300_000)).toBeUndefined();
    expect(awayAt(NEW_STANDING, NOW)).toBeUndefined();
  });

  test("never while it is disabled, for then it does not come back by itself", () => {
    expect(awayAt(disable(throttled, NOW), NOW)).toBeUndefined();
  });
});

describe("enable", () => {
  test("ends a running cooldown now, with the protection's fixed length after it", () => {
    expect(enable(throttled, NOW + 10)).toEqual({
      status: "enabled",
      cooldownUntil: NOW + 10,
      protectedUntil: NOW + 5_010,
      generation: 1,
    });
  });

  test("leaves a deadline that has passed alone", () => {
    const disabled = disable(throttled, NOW + 300_001);
    expect(enable(disabled, NOW + 400_000)).toEqual({ ...throttled, generation: 1 });
  });

  test("a repeat changes nothing, for a protected key either", () => {
    expect(enable(NEW_STANDING, NOW)).toBe(NEW_STANDING);
    expect(enable(throttled, NOW + 300_000)).toBe(throttled);
  });
});

describe("disable", () => {
  test("clears nothing", () => {
    expect(disable(throttled, NOW)).toMatchObject({
      cooldownUntil: NOW + 300_000,
      protectedUntil: NOW + 305_000,
      generation: 0,
    });
  });

  test("takes over from a code and keeps since when the key is disabled", () => {
    const disabled = disable(deadByCode, NOW + 5);
    expect(disabled).toEqual({ ...disabledByPerson, disabledAt: NOW });
  });

  test("a repeat changes nothing", () => {
    expect(disable(disabledByPerson, NOW + 5)).toBe(disabledByPerson);
  });
});
