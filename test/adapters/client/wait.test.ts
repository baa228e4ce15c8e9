import { afterEach, expect, it, vi } from "vitest";
import { pause } from "../../../src/adapters/client/wait.ts";

afterEach(() => void vi.restoreAllMocks());

it("a pause that is longer than a timer can be asks for the longest there is", async () => {
  const setTimeout = vi.spyOn(globalThis, "setTimeout");
  const ending = new AbortController();
  const over = pause(3_000_000_000, ending.signal);
  expect(setTimeout.mock.lastCall?.[1]).toBe(2 ** 31 - 1);
  ending.abort();
  await over;
});
