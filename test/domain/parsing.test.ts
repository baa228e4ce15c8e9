import { describe, expect, test } from "vitest";
import {
  cleanNote,
  DomainError,
  maskSecret,
  parseName,
  parseRegion,
  parseSecret,
  parseStatusCode,
  parseTag,
} from "../../src/domain/index.ts";

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError && error.code === "invalid_request") {
      return error.problems.map(({ field }) => field);
    }
    throw error;
  }
  return [];
}

describe("parseRegion", () => {
  test.each(["eastasia", "westus2", "ab", "a-b", "a".repeat(40)])("accepts %s", (region) => {
    expect(parseRegion(region)).toBe(region);
  });

  test("lower-cases", () => {
    expect(parseRegion("EastAsia")).toBe("eastasia");
  });

  test.each([
    "127.0.0.1:9/x?",
    "a.b",
    "a".repeat(41),
    "a".repeat(300),
    "",
    "a",
    "-ab",
    "ab-",
    "a b",
    "a@b",
    "ab\n",
    "é1",
  ])("I8 refuses %j, which could change a host name", (region) => {
    expect(problemsOf(() => parseRegion(region))).toEqual(["region"]);
  });
});

test("I9 a key in a region's place is refused, for a region is shown", () => {
  expect(problemsOf(() => parseRegion("0123456789ABCDEF".repeat(2)))).toEqual(["region"]);
  expect(parseRegion("a".repeat(32))).toHaveLength(32);
});

describe("parseSecret", () => {
  test.each([8, 32, 84, 256])("accepts %i visible characters", (length) => {
    expect(parseSecret("x".repeat(length))).toHaveLength(length);
  });

  test.each(["x".repeat(7), "x".repeat(257), "with a space", "line\nbreak", "nonlatin-é", "tab\tinside", ""])(
    "refuses %j without repeating it",
    (secret) => {
      expect(problemsOf(() => parseSecret(secret))).toEqual(["secret"]);
      expect(() => parseSecret(secret)).not.toThrow(secret || "<nothing>");
    },
  );

  test("a secret is shown by its first four characters", () => {
    expect(maskSecret("abcdefgh12345678")).toBe("abcd***");
  });
});

describe("parseStatusCode", () => {
  test.each([100, 200, 429, 599, "429"])("accepts %j", (code) => {
    expect(parseStatusCode(code)).toBe(Number(code));
  });

  test.each([
    0,
    99,
    600,
    429.5,
    "abc",
    "42",
    "4290",
    "4e2",
    "",
    null,
    undefined,
    true,
    [429],
    {},
    Number.NaN,
  ])("refuses %j", (code) => {
    expect(problemsOf(() => parseStatusCode(code))).toEqual(["code"]);
  });
});

describe("names and tags", () => {
  test("may be empty, an empty tag is none", () => {
    expect(parseName("")).toBe("");
    expect(parseTag("")).toBeNull();
  });

  test("are limited in length and free of control characters", () => {
    expect(parseName("n".repeat(100))).toHaveLength(100);
    expect(problemsOf(() => parseName("n".repeat(101)))).toEqual(["name"]);
    expect(problemsOf(() => parseTag("t".repeat(51)))).toEqual(["tag"]);
    expect(problemsOf(() => parseName("a\u0000b"))).toEqual(["name"]);
    expect(problemsOf(() => parseTag("a\nb"))).toEqual(["tag"]);
  });

  test("hold whole characters only", () => {
    expect(parseName("😀")).toBe("😀");
    expect(problemsOf(() => parseName("\ud83d"))).toEqual(["name"]);
    expect(problemsOf(() => parseTag("a\ude00"))).toEqual(["tag"]);
  });
});

describe("cleanNote", () => {
  test("I9 masks the key's own secret before it cuts", () => {
    const secret = "0123456789abcdef";
    expect(cleanNote(`failed with ${secret}!`, secret)).toBe("failed with 0123***!");
    expect(cleanNote("n".repeat(490) + secret, secret)).not.toContain(secret.slice(0, 8));
  });

  test("I9 masks a secret that a NUL splits", () => {
    expect(cleanNote("01234567\u000089abcdef", "0123456789abcdef")).toBe("0123***");
  });

  test.each(["$&$&4567", "$`ab$`cd", "$'12$'34", "$$$$abcd"])(
    "I9 masks %s, also characters with a meaning in patterns",
    (secret) => {
      expect(cleanNote(`a ${secret} b`, secret)).toBe(`a ${secret.slice(0, 4)}*** b`);
    },
  );

  test("cuts to 500 characters and drops what a database cannot hold", () => {
    expect(cleanNote("n".repeat(501), "absent-secret")).toHaveLength(500);
    expect(cleanNote("a\u0000b", "absent-secret")).toBe("ab");
    expect(cleanNote(`${"n".repeat(499)}😀`, "absent-secret").isWellFormed()).toBe(true);
  });
});
