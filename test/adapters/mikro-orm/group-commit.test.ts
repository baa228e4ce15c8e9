import { describe, expect, it } from "vitest";
import type { Faults } from "../../../src/adapters/mikro-orm/fault.ts";
import { GroupCommit, type Transactor } from "../../../src/adapters/mikro-orm/group-commit.ts";
import type { Script, Write } from "../../../src/adapters/mikro-orm/sql-database.ts";
import { keyNotFound } from "../../../src/domain/index.ts";

class CodedError extends Error {
  readonly kind: "busy" | "away" | undefined;
  constructor(message: string, kind?: "busy" | "away") {
    super(message);
    this.kind = kind;
  }
}

/** Runs scripts that yield nothing; what each transaction does first can be replaced. */
class ScriptedTransactor implements Transactor {
  readonly batches: number[] = [];
  before: () => Promise<void> | void = () => {};
  running = 0;
  mostAtOnce = 0;

  async transact(writes: readonly Write<unknown>[]): Promise<PromiseSettledResult<unknown>[]> {
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    try {
      this.batches.push(writes.length);
      await this.before();
      return writes.map((write) => {
        try {
          return { status: "fulfilled", value: write([]).next().value };
        } catch (error) {
          if (error instanceof CodedError) throw error;
          return { status: "rejected", reason: error };
        }
      });
    } finally {
      this.running -= 1;
    }
  }
  readonly faults: Faults = {
    kindOf: (error) => (error as CodedError).kind,
    cleaned: (error) => error as Error,
    codeOf: () => "unusable",
  };
}

function answering<T>(value: T): Write<T> {
  // biome-ignore lint/correctness/useYield: asks the database nothing
  return function* (): Script<T> {
    return value;
  };
}

function throwing(error: Error): Write<never> {
  // biome-ignore lint/correctness/useYield: asks the database nothing
  return function* (): Script<never> {
    throw error;
  };
}

const unavailable = { code: "storage_unavailable" };

describe("GroupCommit", () => {
  it("commits what one turn of the event loop brings in one transaction, and answers each its own", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor);
    const answers = await Promise.all([1, 2, 3].map((n) => commit.submit(answering(n))));
    expect(answers).toEqual([1, 2, 3]);
    expect(transactor.batches).toEqual([3]);
  });

  it("changes at most 500 rows in a transaction and runs one transaction at a time", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor);
    const singles = Array.from({ length: 1201 }, () => commit.submit(answering(0)));
    await Promise.all([...singles, commit.submit(answering(0), 300), commit.submit(answering(0), 900)]);
    expect(transactor.batches).toEqual([500, 500, 201, 1, 1]);
    expect(transactor.mostAtOnce).toBe(1);
  });

  it("takes what came meanwhile with the next transaction", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor);
    const late: Promise<number>[] = [];
    transactor.before = () => {
      if (transactor.batches.length === 1)
        late.push(commit.submit(answering(2)), commit.submit(answering(3)));
    };
    expect(await commit.submit(answering(1))).toBe(1);
    expect(await Promise.all(late)).toEqual([2, 3]);
    expect(transactor.batches).toEqual([1, 2]);
  });

  it("rejects a refusal to its own caller only", async () => {
    const commit = new GroupCommit(new ScriptedTransactor());
    const outcomes = await Promise.allSettled([
      commit.submit(answering(1)),
      commit.submit(throwing(keyNotFound())),
      commit.submit(answering(3)),
    ]);
    expect(outcomes).toMatchObject([{ value: 1 }, { reason: { code: "key_not_found" } }, { value: 3 }]);
  });

  it("runs the members one by one when one of them fails the transaction", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor);
    const outcomes = await Promise.allSettled([
      commit.submit(answering(1)),
      commit.submit(throwing(new CodedError("check failed"))),
      commit.submit(answering(3)),
    ]);
    expect(outcomes).toMatchObject([{ value: 1 }, { reason: { message: "check failed" } }, { value: 3 }]);
    expect(transactor.batches).toEqual([3, 1, 1, 1]);
    expect(commit.fault).toBeUndefined();
  });

  it("rejects a batch at once when the storage is away, and tries again with the next", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor);
    const cause = new CodedError("disk full", "away");
    transactor.before = () => {
      throw cause;
    };
    const outcomes = await Promise.allSettled([commit.submit(answering(1)), commit.submit(answering(2))]);
    expect(outcomes).toMatchObject([{ reason: { ...unavailable, cause } }, { reason: unavailable }]);
    expect(commit.fault).toEqual({ reason: "Writes to the database fail", detail: "disk full" });
    transactor.before = () => {};
    expect(await commit.submit(answering(3))).toBe(3);
    expect(commit.fault).toBeUndefined();
  });

  it("keeps trying while another transaction is in the way", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor);
    transactor.before = () => {
      if (transactor.batches.length < 4) throw new CodedError("locked", "busy");
    };
    expect(await commit.submit(answering(1))).toBe(1);
    expect(transactor.batches).toEqual([1, 1, 1, 1]);
  });

  it("lets nobody wait longer than the time-out, queued or in flight", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor, { writeTimeoutMs: 30, maxRows: 1 });
    let release = () => {};
    transactor.before = () => new Promise<void>((resolve) => (release = resolve));
    const outcomes = await Promise.allSettled([commit.submit(answering(1)), commit.submit(answering(2))]);
    expect(outcomes).toMatchObject([{ reason: unavailable }, { reason: unavailable }]);
    transactor.before = () => {};
    release();
    expect(await commit.submit(answering(3))).toBe(3);
    expect(transactor.batches).toEqual([1, 1]);
  });

  it("gives up after the time-out when nobody gets out of the way, then works again", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor, { writeTimeoutMs: 30 });
    let locked = true;
    transactor.before = () => {
      if (locked) throw new CodedError("locked", "busy");
    };
    await expect(commit.submit(answering(1))).rejects.toMatchObject({
      ...unavailable,
      cause: { message: "locked" },
    });
    locked = false;
    // On a busy machine even this may take longer than the time-out.
    await expect.poll(() => commit.submit(answering(2)).catch(() => "refused")).toBe(2);
  });

  it("refuses at once when too many writes wait", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor, { maxQueued: 3 });
    const taken = [1, 2, 3].map((n) => commit.submit(answering(n)));
    await expect(commit.submit(answering(4))).rejects.toMatchObject(unavailable);
    expect(await Promise.all(taken)).toEqual([1, 2, 3]);
    expect(await commit.submit(answering(5))).toBe(5);
  });

  it("commits what is queued before it closes, and nothing after", async () => {
    const transactor = new ScriptedTransactor();
    const commit = new GroupCommit(transactor);
    const queued = Array.from({ length: 700 }, (_, n) => commit.submit(answering(n)));
    const closing = commit.close();
    await expect(commit.submit(answering(0))).rejects.toMatchObject(unavailable);
    await closing;
    expect(transactor.batches).toEqual([500, 200]);
    expect(await Promise.all(queued)).toHaveLength(700);
    await commit.close();
  });
});

describe("who watches the commits", () => {
  it("hears of each that was made, with the rows of all its writes", async () => {
    const transactor = new ScriptedTransactor();
    const commits: number[] = [];
    const onCommit = (rows: number, ms: number) => {
      expect(ms).toBeGreaterThanOrEqual(0);
      commits.push(rows);
    };
    const commit = new GroupCommit(transactor, { onCommit });
    await Promise.all([
      commit.submit(answering(1), 3),
      commit.submit(answering(2)),
      commit.submit(answering(3), 2),
    ]);
    expect(commits).toEqual([6]);
    await expect(commit.submit(throwing(keyNotFound()))).rejects.toThrow();
    expect(commits).toEqual([6, 1]);
    transactor.before = () => {
      throw new CodedError("gone", "away");
    };
    await expect(commit.submit(answering(4))).rejects.toThrow();
    expect(commits).toEqual([6, 1]);
    await commit.close();
  });
});
