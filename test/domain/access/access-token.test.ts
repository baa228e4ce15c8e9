import { describe, expect, it } from "vitest";
import {
  type DomainError,
  isExpired,
  type NewTokenFields,
  parseNewToken,
} from "../../../src/domain/index.ts";

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

const refused = (fields: Partial<NewTokenFields>) => {
  try {
    parseNewToken({ name: "n", role: "client", ...fields }, NOW);
  } catch (error) {
    return (error as DomainError).problems.map(({ field }) => field);
  }
  return [];
};

describe("a new token", () => {
  it("lives for 90 days and is about all keys unless something else is said", () => {
    expect(parseNewToken({ name: "ci", role: "client" }, NOW)).toEqual({
      name: "ci",
      role: "client",
      expiresAt: NOW + 90 * DAY_MS,
      scope: {},
    });
  });

  it("has its scope in the domain's spelling, each name once", () => {
    const scope = { services: ["speech"], regions: ["EastAsia", "eastasia"], tags: ["gold"] };
    expect(parseNewToken({ name: "n", role: "viewer", scope }, NOW).scope).toEqual({
      services: ["speech"],
      regions: ["eastasia"],
      tags: ["gold"],
    });
  });

  it.each<[Partial<NewTokenFields>, string[]]>([
    [{ name: "" }, ["name"]],
    [{ name: "x".repeat(101) }, ["name"]],
    [{ name: "a\nb" }, ["name"]],
    [{ role: "root" }, ["role"]],
    [{ role: "anyone" }, ["role"]],
    [{ expiresAt: NOW }, ["expiresAt"]],
    [{ expiresAt: Number.NaN }, ["expiresAt"]],
    [{ expiresAt: Number.POSITIVE_INFINITY }, ["expiresAt"]],
    [{ scope: { services: ["mail"] } }, ["scope.services[0]"]],
    [{ scope: { regions: ["eastasia", "a.b"] } }, ["scope.regions[1]"]],
    [{ scope: { tags: [""] } }, ["scope.tags[0]"]],
    [{ scope: { regions: [] } }, ["scope.regions"]],
    [{ name: "", role: "", expiresAt: 0, scope: { tags: [] } }, ["name", "role", "expiresAt", "scope.tags"]],
  ])("%j is refused, and every bad field is named", (fields, named) => {
    expect(refused(fields)).toEqual(named);
  });
});

it("a token is refused from its last instant on, to the millisecond", () => {
  const token = { expiresAt: NOW };
  expect([isExpired(token, NOW - 1), isExpired(token, NOW)]).toEqual([false, true]);
});
