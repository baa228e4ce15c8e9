import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  createEnvelope,
  type Envelope,
  LocalMasterKey,
  openEnvelope,
  SealingError,
} from "../../../src/adapters/sealing/index.ts";
import type { MasterKey } from "../../../src/domain/index.ts";

const SECRET = "00112233445566778899aabbccddeeff";

function newMasterKey(name = "MASTER_KEY"): MasterKey {
  return LocalMasterKey.parse(LocalMasterKey.generate(), name);
}

/** A vault that wraps nothing, so that a test sees and makes what would be wrapped. */
const OPEN_VAULT: MasterKey = {
  name: "a test",
  wrap: async (bytes) => Buffer.from(bytes),
  unwrap: async (wrapped) => Buffer.from(wrapped),
};

function expectSame(one: Envelope, other: Envelope): void {
  expect(other.dataKeyIds).toEqual(one.dataKeyIds);
  expect(other.box.open("speech", one.box.seal("speech", SECRET))).toBe(SECRET);
  expect(one.box.open("speech", other.box.seal("speech", SECRET))).toBe(SECRET);
  expect(other.box.fingerprint("speech", SECRET)).toBe(one.box.fingerprint("speech", SECRET));
  for (const purpose of ["token", "audit"] as const) {
    expect(other.macOf(purpose).verify(["row", 1], one.macOf(purpose).of(["row", 1]))).toBe(true);
  }
}

describe("an envelope", () => {
  it("holds the same keys after it was stored", async () => {
    const masterKey = newMasterKey();
    const envelope = createEnvelope().addDataKey();
    expectSame(envelope, await openEnvelope(masterKey, await envelope.wrap(masterKey)));
  });

  it("has keys of its own", () => {
    const [one, other] = [createEnvelope(), createEnvelope()];
    expect(other.box.open("speech", one.box.seal("speech", SECRET))).toBeUndefined();
    expect(other.box.fingerprint("speech", SECRET)).not.toBe(one.box.fingerprint("speech", SECRET));
  });

  it("has five keys of which no two are the same", async () => {
    const bytes = Buffer.from(await createEnvelope().addDataKey().wrap(OPEN_VAULT));
    const keys = [1, 33, 65, 101, 135].map((at) => bytes.subarray(at, at + 32).toString("hex"));
    expect(bytes).toHaveLength(135 + 32);
    expect(new Set(keys).size).toBe(5);
  });

  it("vouches for tokens and audit with keys of their own", () => {
    const envelope = createEnvelope();
    expect(envelope.macOf("audit").verify(["row"], envelope.macOf("token").of(["row"]))).toBe(false);
  });

  it("shows no key to whoever prints it", async () => {
    const envelope = createEnvelope();
    const bytes = Buffer.from(await envelope.wrap(OPEN_VAULT));
    const shown = JSON.stringify(envelope) + inspect(envelope, { depth: null, showHidden: true });
    for (const at of [1, 33, 65, 101]) {
      for (const encoding of ["hex", "base64", "base64url"] as const)
        expect(shown).not.toContain(bytes.subarray(at, at + 32).toString(encoding));
    }
  });
});

describe("the master key", () => {
  it("is exchanged with everything staying as it was", async () => {
    const [old, next] = [newMasterKey(), newMasterKey()];
    const stored = await createEnvelope().addDataKey().wrap(old);
    const opened = await openEnvelope(old, stored);
    const renewed = await opened.wrap(next);
    expectSame(opened, await openEnvelope(next, renewed));
    await expect(openEnvelope(old, renewed)).rejects.toMatchObject({ code: "wrong_master_key" });
  });

  it("is refused in one line when it is another, saying where it is from and what to do", async () => {
    const wrapped = await createEnvelope().wrap(newMasterKey());
    const refused = await openEnvelope(newMasterKey("the file /keys/a.key"), wrapped).catch((error) => error);
    expect(refused).toBeInstanceOf(SealingError);
    expect(refused.code).toBe("wrong_master_key");
    expect(refused.message).toMatch(
      /^The master key from the file \/keys\/a\.key is not the one .*MASTER_KEY_FILE/,
    );
    expect(refused.message).not.toContain("\n");
  });

  it("does not open bytes that were changed or cut", async () => {
    const masterKey = newMasterKey();
    const wrapped = await createEnvelope().wrap(masterKey);
    const changed = Buffer.from(wrapped);
    changed[40] = (changed[40] as number) ^ 1;
    for (const bytes of [changed, wrapped.subarray(0, -1), wrapped.subarray(0, 20), Buffer.alloc(0)]) {
      await expect(openEnvelope(masterKey, bytes)).rejects.toMatchObject({ code: "wrong_master_key" });
    }
  });

  it("may be in a vault that is away, whose own fault then comes through", async () => {
    const away = new Error("the vault does not answer");
    const vault: MasterKey = { ...OPEN_VAULT, unwrap: () => Promise.reject(away) };
    await expect(openEnvelope(vault, Buffer.alloc(99))).rejects.toBe(away);
  });

  it("gets bytes to wrap that are gone afterwards", async () => {
    let seen: Uint8Array = Buffer.alloc(0);
    const wrap = async (bytes: Uint8Array) => {
      seen = bytes;
      return Buffer.from(bytes);
    };
    const vault: MasterKey = { ...OPEN_VAULT, wrap };
    const wrapped = await createEnvelope().wrap(vault);
    expect(seen).toHaveLength(wrapped.length);
    expect(seen.every((byte) => byte === 0)).toBe(true);
  });
});

describe("the bytes of an envelope", () => {
  const wrong: readonly (readonly [string, (bytes: Buffer) => Uint8Array])[] = [
    ["of a later version", (bytes) => Buffer.concat([Buffer.of(2), bytes.subarray(1)])],
    ["with a byte too many", (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ["with half a data key", (bytes) => bytes.subarray(0, -1)],
    ["with no data key", (bytes) => bytes.subarray(0, 99)],
    ["with nothing", () => Buffer.alloc(0)],
    [
      "without the data key that seals",
      (bytes) => Buffer.concat([bytes.subarray(0, 97), Buffer.of(0, 9), bytes.subarray(99)]),
    ],
  ];

  it.each(wrong)("%s are refused, saying what to do", async (_, change) => {
    const bytes = change(Buffer.from(await createEnvelope().wrap(OPEN_VAULT)));
    await expect(openEnvelope(OPEN_VAULT, bytes)).rejects.toMatchObject({
      code: "unknown_version",
      message: expect.stringContaining("run the version that wrote them"),
    });
  });
});

describe("the data key", () => {
  it("is exchanged: the old one opens, the new one seals, fingerprints stay", () => {
    const before = createEnvelope();
    const old = before.box.seal("speech", SECRET);
    const after = before.addDataKey();
    expect(after.dataKeyIds).toEqual([1, 2]);
    expect(after.box.open("speech", old)).toBe(SECRET);
    const renewed = after.box.seal("speech", SECRET);
    expect(renewed.fingerprint).toBe(old.fingerprint);
    expect(before.box.open("speech", renewed)).toBeUndefined();
  });

  it("opens nothing more once it was dropped", () => {
    const before = createEnvelope();
    const old = before.box.seal("speech", SECRET);
    const during = before.addDataKey();
    const after = during.dropDataKey(1);
    expect(after.dataKeyIds).toEqual([2]);
    expect(after.box.open("speech", old)).toBeUndefined();
    expect(after.box.open("speech", during.box.seal("speech", SECRET))).toBe(SECRET);
    expect(during.dataKeyIds).toEqual([1, 2]);
    expect(after.dropDataKey(1).dataKeyIds).toEqual([2]);
  });

  it("that seals is not dropped", () => {
    expect(() => createEnvelope().dropDataKey(1)).toThrow(RangeError);
  });

  it("never gets an id that one before it had", () => {
    const envelope = createEnvelope().addDataKey().dropDataKey(1).addDataKey().dropDataKey(2);
    expect(envelope.addDataKey().dataKeyIds).toEqual([3, 4]);
  });
});
