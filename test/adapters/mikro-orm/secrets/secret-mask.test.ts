import { expect, it } from "vitest";
import { SecretMask } from "../../../../src/adapters/mikro-orm/secrets/secret-mask.ts";

const HEX = "0123456789abcdef0123456789ABCDEF";

it("masks every copy of every secret, in whatever letter case", () => {
  const mask = new SecretMask(["Made-Up-Secret-One", "another-secret"]);
  expect(mask.mask("made-up-secret-one, then ANOTHER-SECRETmade-up-SECRET-one.")).toBe(
    "made***, then ANOT***made***.",
  );
});

it("masks the longest of secrets that begin alike", () => {
  const mask = new SecretMask(["secret-1", "secret-1-and-more", "secret-2"]);
  expect(mask.mask("secret-1-and-more secret-1-and secret-2")).toBe("secr*** secr***-and secr***");
});

it("masks words that look like a key of Azure's", () => {
  expect(new SecretMask([]).mask(`was ${HEX}`)).toBe("was 0123***");
});

it("leaves other texts as they are, also where letters change their length with their case", () => {
  const mask = new SecretMask(["made-up-secret"]);
  for (const text of ["", "made-up", "made-up-secre", "İİİİ 第一把 🔑"]) expect(mask.mask(text)).toBe(text);
  expect(mask.mask("İİ made-up-secret İ")).toBe("İİ made*** İ");
});
