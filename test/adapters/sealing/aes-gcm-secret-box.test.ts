import { createCipheriv, createSecretKey, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AesGcmSecretBox, Hmac } from "../../../src/adapters/sealing/index.ts";
import type { SealedSecret, Service } from "../../../src/domain/index.ts";
import { randomKey } from "./random-key.ts";

const SECRET = "00112233445566778899aabbccddeeff";
const SECRETS = fc.string({ unit: "grapheme-ascii", minLength: 8, maxLength: 256 });

const dataKey = randomKey();
const fingerprints = new Hmac(randomKey());

function boxOf(dataKeys: Readonly<Record<number, KeyObject>>, sealingKeyId: number): AesGcmSecretBox {
  const entries = Object.entries(dataKeys).map(([id, key]) => [Number(id), key] as const);
  return new AesGcmSecretBox({ dataKeys: new Map(entries), sealingKeyId, fingerprints });
}

const box = boxOf({ 1: dataKey }, 1);

function bytesOf({ sealed }: SealedSecret): Buffer {
  return Buffer.from(sealed, "base64url");
}

function openWith(stored: SealedSecret, bytes: Uint8Array, service: Service = "speech"): string | undefined {
  return box.open(service, { ...stored, sealed: Buffer.from(bytes).toString("base64url") });
}

describe("a sealed secret", () => {
  it("opens to what was sealed, for each service", () => {
    fc.assert(
      fc.property(SECRETS, fc.constantFrom<Service>("speech", "translation"), (secret, service) => {
        const stored = box.seal(service, secret);
        expect(box.open(service, stored)).toBe(secret);
        expect(stored.sealed).not.toContain(Buffer.from(secret).toString("base64url").slice(1, -1));
      }),
    );
  });

  it("is version, data key, nonce, ciphertext and tag, as anyone can make it who has the keys", () => {
    const nonce = Buffer.alloc(12, 9);
    const fingerprint = box.fingerprint("speech", SECRET);
    const cipher = createCipheriv("aes-256-gcm", dataKey, nonce).setAAD(
      Buffer.from(`[1,"speech","${fingerprint}"]`),
    );
    const ciphertext = Buffer.concat([cipher.update(SECRET), cipher.final()]);
    const bytes = Buffer.concat([Buffer.from([1, 0, 1]), nonce, ciphertext, cipher.getAuthTag()]);
    expect(box.open("speech", { fingerprint, sealed: bytes.toString("base64url") })).toBe(SECRET);
    expect(bytesOf(box.seal("speech", SECRET))).toHaveLength(bytes.length);
  });

  it("has a nonce of its own each time", () => {
    const nonces = Array.from({ length: 1000 }, () =>
      bytesOf(box.seal("speech", SECRET)).subarray(3, 15).toString("hex"),
    );
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it("does not open with any bit changed", () => {
    const stored = box.seal("speech", SECRET);
    const bytes = bytesOf(stored);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(openWith(stored, changed), `bit ${bit}`).toBeUndefined();
    }
  });

  it("does not open when it was cut, wherever, nor with more behind it", () => {
    const stored = box.seal("speech", SECRET);
    const bytes = bytesOf(stored);
    for (let length = 0; length < bytes.length; length++) {
      expect(openWith(stored, bytes.subarray(0, length)), `${length} bytes`).toBeUndefined();
    }
    expect(openWith(stored, Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined();
  });

  it.each([4, 8, 12])("does not open with a tag of %i bytes", (tagBytes) => {
    const stored = box.seal("speech", SECRET);
    const bytes = bytesOf(stored);
    expect(openWith(stored, bytes.subarray(0, bytes.length - 16 + tagBytes))).toBeUndefined();
  });

  it("has one spelling", () => {
    const stored = box.seal("speech", SECRET);
    const { sealed } = stored;
    // 65 bytes leave four bits of the last character unused.
    const spellings = [`${sealed}=`, `${sealed}\n`, ` ${sealed}`, `${sealed.slice(0, 4)}!${sealed.slice(4)}`];
    for (const last of "BCDEFGHIJKLMNOP") {
      const other = sealed.slice(0, -1) + last;
      if (other !== sealed) spellings.push(other);
    }
    for (const spelling of spellings) {
      expect(box.open("speech", { ...stored, sealed: spelling }), spelling).toBeUndefined();
    }
  });

  it("does not open as one of the other service", () => {
    const stored = box.seal("speech", SECRET);
    expect(box.open("translation", stored)).toBeUndefined();
    const fingerprint = box.fingerprint("translation", SECRET);
    expect(box.open("translation", { ...stored, fingerprint })).toBeUndefined();
  });

  it("does not open in the row of another secret", () => {
    const [mine, other] = [box.seal("speech", SECRET), box.seal("speech", `${SECRET}!`)];
    expect(box.open("speech", { ...other, sealed: mine.sealed })).toBeUndefined();
    expect(box.open("speech", { ...mine, fingerprint: other.fingerprint })).toBeUndefined();
    expect(box.open("speech", { ...mine, fingerprint: "" })).toBeUndefined();
  });

  it("does not open with another data key of the same id", () => {
    const stored = box.seal("speech", SECRET);
    expect(boxOf({ 1: randomKey() }, 1).open("speech", stored)).toBeUndefined();
  });
});

describe("a fingerprint", () => {
  it("is equal for equal secrets of one service and of no other", () => {
    expect(box.fingerprint("speech", SECRET)).toBe(box.seal("speech", SECRET).fingerprint);
    expect(box.fingerprint("speech", SECRET)).not.toBe(box.fingerprint("translation", SECRET));
    expect(box.fingerprint("speech", SECRET)).not.toBe(box.fingerprint("speech", SECRET.toUpperCase()));
  });

  it("is another one under another key", () => {
    const elsewhere = new AesGcmSecretBox({
      dataKeys: new Map([[1, dataKey]]),
      sealingKeyId: 1,
      fingerprints: new Hmac(createSecretKey(Buffer.alloc(32))),
    });
    expect(elsewhere.fingerprint("speech", SECRET)).not.toBe(box.fingerprint("speech", SECRET));
  });
});

describe("two data keys", () => {
  const both = boxOf({ 1: dataKey, 43981: randomKey() }, 0xabcd);

  it("open what either has sealed, and the one that seals is the newer", () => {
    const old = box.seal("speech", SECRET);
    const renewed = both.seal("speech", SECRET);
    expect(both.open("speech", old)).toBe(SECRET);
    expect(both.open("speech", renewed)).toBe(SECRET);
    expect(box.open("speech", renewed)).toBeUndefined();
    expect(renewed.fingerprint).toBe(old.fingerprint);
  });

  it("can be told apart by how the sealed text begins", () => {
    expect(both.seal("speech", SECRET).sealed.slice(0, 4)).toBe(both.prefix);
    expect(box.seal("speech", SECRET).sealed.slice(0, 4)).toBe(box.prefix);
    expect(box.prefix).not.toBe(both.prefix);
  });

  it("do not seal with one that is not there", () => {
    expect(() => boxOf({ 1: dataKey }, 2)).toThrow(RangeError);
  });
});
