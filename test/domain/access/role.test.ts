import { expect, it } from "vitest";
import { mayActAs, ROLES } from "../../../src/domain/index.ts";

const table = () =>
  Object.fromEntries(ROLES.map((role) => [role, ROLES.filter((needed) => mayActAs(role, needed))]));

it("a client takes keys and nothing else, an operator sees what a viewer sees, an admin may everything", () => {
  expect(table()).toEqual({
    client: ["client"],
    viewer: ["viewer"],
    operator: ["viewer", "operator"],
    admin: ["client", "viewer", "operator", "admin"],
  });
});
