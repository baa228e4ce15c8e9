import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { disable, draftKey, NEW_STANDING, parseNewKey } from "../../src/domain/index.ts";
import { problemsOf } from "../situations/problems.ts";
import { NOW } from "../situations/standings.ts";

const SOUND = { secret: "secret-1", region: "EastAsia" };

describe("a key to be added", () => {
  test("says of name and tag only what was said", () => {
    expect(parseNewKey(SOUND)).toEqual({ secret: "secret-1", region: "eastasia", enabled: true });
    expect(parseNewKey({ ...SOUND, name: "One", tag: "", enabled: false })).toEqual({
      secret: "secret-1",
      region: "eastasia",
      name: "One",
      tag: null,
      enabled: false,
    });
  });

  test("is refused for everything that is wrong with it at once", () => {
    const bad = { secret: "short", region: "a.b", name: "\u0007", tag: "x".repeat(51) };
    const fields = problemsOf(() => parseNewKey(bad)).map(({ field }) => field);
    expect(fields).toEqual(["secret", "region", "name", "tag"]);
  });

  test.each([
    "replace-with-your-speech-key-1",
    "REPLACE_WITH_YOUR_KEY",
    "your-key-here",
    "YOUR_AZURE_SPEECH_KEY_HERE",
    "your_here",
    "<your-key>",
    "<subscription key>",
  ])("is refused for the placeholder of a template in the key's place: %s", (secret) => {
    const message = "must be a key, not a placeholder";
    expect(problemsOf(() => parseNewKey({ ...SOUND, secret }))).toEqual([{ field: "secret", message }]);
  });

  test.each([32, 52, 84])(
    "is no placeholder when it is %i letters and digits, whatever they spell",
    (size) => {
      const words = fc.constantFrom("replace", "with", "your", "key", "here", "a", "0");
      const secrets = fc
        .array(words, { minLength: size, maxLength: size })
        .map((spelt) => spelt.join("").slice(0, size));
      fc.assert(fc.property(secrets, (secret) => parseNewKey({ ...SOUND, secret }).secret === secret));
    },
  );

  test.each(["your-azure-key", "replacewith", "<tagless", "here-your-key"])("may be called %s", (secret) => {
    expect(parseNewKey({ ...SOUND, secret }).secret).toBe(secret);
  });

  test("I9 is refused when its name or tag gives the secret away", () => {
    const message = "must not contain the key itself";
    const telling = { ...SOUND, name: "my secret-1", tag: "secret-1" };
    expect(problemsOf(() => parseNewKey(telling))).toEqual([
      { field: "name", message },
      { field: "tag", message },
    ]);
  });

  test("starts without a name, a tag and a limit where none were given, and never rested", () => {
    expect(draftKey("speech", parseNewKey(SOUND), NOW)).toEqual({
      service: "speech",
      secret: "secret-1",
      region: "eastasia",
      name: "",
      tag: null,
      maxInFlight: null,
      standing: NEW_STANDING,
      createdAt: NOW,
    });
  });

  test("that is added disabled waits for a person", () => {
    const { standing } = draftKey("speech", parseNewKey({ ...SOUND, enabled: false }), NOW);
    expect(standing).toEqual(disable(NEW_STANDING, NOW));
  });
});
