import { expect, it } from "vitest";
import { Places } from "../../../../src/adapters/http/server/places.ts";

const STAYING = new AbortController().signal;

/** Takes a place and notes when it is there. */
function taking(places: Places, entered: string[], name: string, signal = STAYING) {
  return places.take(signal).then((leave) => {
    entered.push(name);
    return leave;
  });
}

it("lets so many in, and the others in the order in which they came", async () => {
  const places = new Places(2);
  const entered: string[] = [];
  const taken = ["a", "b", "c", "d"].map((name) => taking(places, entered, name));
  const leaveA = await (taken[0] as Promise<() => void>);
  await taken[1];
  expect(entered).toEqual(["a", "b"]);
  leaveA();
  // A place that is given back twice is one place all the same.
  leaveA();
  await taken[2];
  expect(entered).toEqual(["a", "b", "c"]);
});

it("a place in line is given up with its signal", async () => {
  const places = new Places(1);
  const entered: string[] = [];
  const leave = await taking(places, entered, "a");
  const gone = new AbortController();
  const b = taking(places, entered, "b", gone.signal);
  const c = taking(places, entered, "c");
  gone.abort(new Error("hung up"));
  await expect(b).rejects.toThrow("hung up");
  leave();
  await c;
  expect(entered).toEqual(["a", "c"]);
  await expect(taking(places, entered, "d", gone.signal)).rejects.toThrow("hung up");
});
