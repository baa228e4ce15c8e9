import { expect, it } from "vitest";
import { DurableWrites } from "../../../src/application/keyring/durable-writes.ts";
import { keyNotFound, storageUnavailable } from "../../../src/domain/index.ts";

const fails = async () => {
  throw storageUnavailable(new Error("made to fail"));
};

it("does the writes of one key one after the other, those of others meanwhile", async () => {
  const writes = new DurableWrites();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = writes.write(1, () => gate.promise.then(() => done.push("slow")));
  const next = writes.write(1, async () => done.push("next"));
  await writes.write(2, async () => done.push("other"));
  expect(done).toEqual(["other"]);
  gate.resolve();
  await Promise.all([slow, next]);
  expect(done).toEqual(["other", "slow", "next"]);
  expect(writes.isBusy(1)).toBe(false);
});

it("keeps what is owed until the storage takes it, and only that", async () => {
  const writes = new DurableWrites();
  let isAway = true;
  const done: string[] = [];
  const write = (name: string) => async () => {
    if (isAway) await fails();
    done.push(name);
  };
  const refused = await Promise.allSettled([
    writes.writeOrOwe(1, write("restriction")),
    writes.write(1, write("permission")),
  ]);
  expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect([writes.owing, writes.isBusy(1)]).toEqual([1, true]);
  await expect(writes.flush(1)).rejects.toMatchObject({ code: "storage_unavailable" });
  expect(await writes.flushAll()).toBe(1);
  isAway = false;
  await writes.flush(1);
  expect(done).toEqual(["restriction"]);
  expect([writes.owing, writes.isBusy(1)]).toEqual([0, false]);
});

it("writes what is owed before what comes later", async () => {
  const writes = new DurableWrites();
  let isAway = true;
  const done: string[] = [];
  await writes
    .writeOrOwe(1, async () => {
      if (isAway) await fails();
      done.push("first");
    })
    .catch(() => {});
  isAway = false;
  await writes.write(1, async () => done.push("second"));
  expect(done).toEqual(["first", "second"]);
});

it("owes once what was asked for again and again", async () => {
  const writes = new DurableWrites();
  let isAway = true;
  const done: string[] = [];
  const ask = (name: string) =>
    writes
      .writeOrOwe(
        1,
        async () => {
          if (isAway) await fails();
          done.push(name);
        },
        name,
      )
      .catch(() => {});
  for (const name of ["west", "west", "east", "west", "west"]) await ask(name);
  await Promise.all(["west", "east", "east"].map(ask));
  isAway = false;
  await writes.flush(1);
  expect(done).toEqual(["west", "east", "west", "east"]);
});

it("a broken rule concerns its own caller only", async () => {
  const writes = new DurableWrites();
  const [gone, fine] = await Promise.allSettled([
    writes.writeOrOwe(1, async () => {
      throw keyNotFound();
    }),
    writes.write(1, async () => "fine"),
  ]);
  expect([gone.status, fine]).toEqual(["rejected", { status: "fulfilled", value: "fine" }]);
  expect(writes.owing).toBe(0);
});

it("flushes nothing for a key that owes nothing", async () => {
  const writes = new DurableWrites();
  await writes.flush(1);
  expect(await writes.flushAll()).toBe(0);
});

it("a storage that is still away is not asked for everything that is owed", async () => {
  const writes = new DurableWrites();
  let isAway = true;
  let asked = 0;
  const write = async () => {
    asked++;
    if (isAway) throw storageUnavailable(new Error("made to fail"));
  };
  const ids = Array.from({ length: 1_200 }, (_, index) => index + 1);
  await Promise.allSettled(ids.map((id) => writes.writeOrOwe(id, write)));
  asked = 0;
  expect(await writes.flushAll()).toBe(1_200);
  expect(asked).toBe(500);
  isAway = false;
  expect(await writes.flushAll()).toBe(0);
  expect(asked).toBe(1_700);
});
