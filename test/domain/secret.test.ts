import { describe, expect, it } from "vitest";
import {
  cleanNote,
  maskSecretIn,
  maskSecretLike,
  parseName,
  parseRegion,
  parseSettingDescription,
  parseSettingName,
  parseSettingValue,
  parseTag,
  refuseSecretIn,
} from "../../src/domain/index.ts";

const HEX = "0123456789abcdef0123456789abcdef";
const LIKE_KEYS = [HEX, HEX.toUpperCase(), `${"aB3".repeat(17)}z`, "aB3".repeat(28)];
const UNLIKE_KEYS = [`${HEX}0`, HEX.slice(1), `${"abcdef".repeat(5)}ab`, `g${HEX.slice(1)}`, "first key"];

describe("a word that looks like one of Azure's keys", () => {
  it.each(LIKE_KEYS)("is masked wherever it stands: %s", (word) => {
    const masked = `${word.slice(0, 4)}***`;
    for (const [before, after] of [
      ["", ""],
      ["key=", ";"],
      ["第", "把"],
      ['{"key":"', '"}'],
    ]) {
      expect(maskSecretLike(`${before}${word}${after}`)).toBe(`${before}${masked}${after}`);
    }
    expect(maskSecretLike(`${word} ${word}`)).toBe(`${masked} ${masked}`);
  });

  it.each(UNLIKE_KEYS)("is no other: %s", (word) => {
    expect(maskSecretLike(word)).toBe(word);
  });

  it.each<[string, (text: string) => unknown]>([
    ["name", parseName],
    ["tag", parseTag],
    ["region", parseRegion],
    ["name", parseSettingName],
    ["value", parseSettingValue],
    ["description", parseSettingDescription],
  ])("is refused as a %s, and not quoted", (field, parse) => {
    const refused = expect(() => parse(HEX));
    refused.toThrow(expect.objectContaining({ code: "invalid_request" }));
    refused.toThrow(expect.objectContaining({ problems: [expect.objectContaining({ field })] }));
    expect(() => parse(HEX)).not.toThrow(HEX);
  });
});

describe("a token of this pool", () => {
  const TOKEN = `akp_0123456789ab_${"aZ-_".repeat(12)}Q`;

  it.each([TOKEN, TOKEN.toUpperCase(), TOKEN.slice(0, 40)])(
    "is masked like a key, wherever it stands: %s",
    (token) => {
      expect(maskSecretLike(`Bearer ${token}, "${token}"`)).toBe(
        `Bearer ${token.slice(0, 4)}***, "${token.slice(0, 4)}***"`,
      );
      expect(() => parseName(token)).toThrow(expect.objectContaining({ code: "invalid_request" }));
    },
  );

  it("is not its id, by which it is named", () => {
    expect(maskSecretLike("akp_0123456789ab was used")).toBe("akp_0123456789ab was used");
  });
});

describe("a key's own secret", () => {
  it("is masked in any letter case, whatever characters it has", () => {
    expect(maskSecretIn("my Se(ret$& and MY SE(RET$&", "sE(Ret$&")).toBe("my Se(r*** and MY SE(R***");
  });

  it("is refused in its name and tag in any letter case", () => {
    expect(() => refuseSecretIn({ name: "the SECRET-1 key", tag: "secret-1" }, "Secret-1")).toThrow(
      expect.objectContaining({ code: "invalid_request" }),
    );
  });

  it("is masked in a note before it is cut, and so is what looks like another key", () => {
    expect(cleanNote(`MY-SECRET beside ${HEX}`, "my-secret")).toBe("MY-S*** beside 0123***");
    expect(cleanNote(`${"x".repeat(494)} ${HEX}`, "my-secret")).not.toContain("01234");
  });
});
