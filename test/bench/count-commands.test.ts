import { expect, it } from "vitest";
import { commandIn } from "../../bench/processes/count-commands.ts";

it("counts what programs send to Redis, and not what scripts do in it or what keeps a connection alive", () => {
  expect(commandIn('1764010739.468191 [0 127.0.0.1:40522] "EVALSHA" "e0e1f9" "4"')).toBe("evalsha");
  expect(commandIn('1764010739.468191 [0 [::1]:40522] "PUBLISH" "news" "{}"')).toBe("publish");
  expect(commandIn('1764010739.468191 [0 lua] "ZPOPMIN" "pool"')).toBeUndefined();
  expect(commandIn('1764010739.468191 [0 127.0.0.1:40522] "PING"')).toBeUndefined();
  expect(commandIn("OK")).toBeUndefined();
});
