import { expect, it } from "vitest";
import { KeyTurns } from "../../../src/application/keyring/key-turns.ts";

it("lets one at a time at a key, in the order in which they came, whatever becomes of those before", async () => {
  const turns = new KeyTurns();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.inTurn(1, async () => {
    await gate.promise;
    done.push("first");
    throw new Error("made to fail");
  });
  const second = turns.inTurn(1, async () => done.push("second"));
  await turns.inTurn(2, async () => done.push("other"));
  expect(done).toEqual(["other"]);
  gate.resolve();
  await expect(first).rejects.toThrow("made to fail");
  await second;
  expect(done).toEqual(["other", "first", "second"]);
});

it("begins at once where nobody is before", () => {
  let begun = false;
  void new KeyTurns().inTurn(1, async () => {
    begun = true;
  });
  expect(begun).toBe(true);
});

it("tells who waited whether one before has changed something", async () => {
  const turns = new KeyTurns();
  const overtaken: boolean[] = [];
  const act = (answer: string | undefined) => (isOvertaken: boolean) => {
    overtaken.push(isOvertaken);
    return Promise.resolve(answer);
  };
  const fail = async () => Promise.reject(new Error("made to fail"));
  await Promise.all([
    turns.inTurn(1, act(undefined)),
    expect(turns.inTurn(1, fail)).rejects.toThrow("made to fail"),
    turns.inTurn(1, act("changed")),
    turns.inTurn(1, act(undefined)),
    turns.inTurn(1, act(undefined)),
  ]);
  await turns.inTurn(1, act(undefined));
  expect(overtaken).toEqual([false, false, true, true, false]);
});
