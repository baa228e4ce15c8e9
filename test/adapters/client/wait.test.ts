import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pause } from "../../../src/adapters/client/wait.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

it("a pause that is longer than a timer can be does not end at once", async () => {
  let isOver = false;
  void pause(3_000_000_000).then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(86_400_000);
  expect(isOver).toBe(false);
});
