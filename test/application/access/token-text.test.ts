import { expect, it } from "vitest";
import { NodeTokenCrypto } from "../../../src/adapters/node-crypto/index.ts";
import { idOfToken, tokenText } from "../../../src/application/access/token-text.ts";

const ID = "0123456789ab";
const text = () => tokenText(ID, new NodeTokenCrypto().random(32, "base64url"));

it("a token is akp_, its id and 49 characters, and tells its id", () => {
  const token = text();
  expect(token).toMatch(/^akp_0123456789ab_[\w-]{49}$/);
  expect(idOfToken(token)).toBe(ID);
});

it("any one character that is another, and any two that are swapped, are noticed", () => {
  const token = text();
  const changed = (at: number) => token.slice(0, at) + (token[at] === "a" ? "b" : "a") + token.slice(at + 1);
  for (let at = 0; at < token.length; at++) {
    expect(idOfToken(changed(at))).toBeUndefined();
    const [one = "", two = ""] = token.slice(at, at + 2);
    if (one === two || two === "") continue;
    expect(idOfToken(token.slice(0, at) + two + one + token.slice(at + 2))).toBeUndefined();
  }
});

it("what never was a token has no id", () => {
  const token = text();
  for (const other of [
    "",
    "akp_",
    token.slice(1),
    token.slice(0, -1),
    `${token}A`,
    `${token}\n`,
    token.toUpperCase(),
  ]) {
    expect(idOfToken(other)).toBeUndefined();
  }
});
