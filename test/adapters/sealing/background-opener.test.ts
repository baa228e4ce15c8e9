import { expect, it, onTestFinished } from "vitest";
import { createEnvelope } from "../../../src/adapters/sealing/index.ts";
import type { SecretOpener, StoredSecret } from "../../../src/domain/index.ts";

const envelope = createEnvelope();

function openOne(): SecretOpener {
  const opener = envelope.addDataKey().box.opener();
  onTestFinished(() => opener.close());
  return opener;
}

function stored(n: number, service: "speech" | "translation" = "speech"): StoredSecret {
  return { service, ...envelope.box.seal(service, `secret-${n}`) };
}

it("opens each batch in its order, of both services and older data keys", async () => {
  const opener = openOne();
  const batches = [[stored(1), stored(2, "translation")], [], [stored(3)]];
  expect(await Promise.all(batches.map((batch) => opener.open(batch)))).toEqual([
    ["secret-1", "secret-2"],
    [],
    ["secret-3"],
  ]);
});

it("answers undefined for what does not open, and goes on", async () => {
  const opener = openOne();
  const [one, other] = [stored(1), stored(2)];
  const broken = [
    { ...one, sealed: other.sealed },
    { ...one, sealed: "" },
    { ...one, service: "translation" as const },
  ];
  expect(await opener.open([...broken, one])).toEqual([undefined, undefined, undefined, "secret-1"]);
});

it("rejects what is open when it is closed, and all that comes later", async () => {
  const opener = openOne();
  const unanswered = opener.open(Array.from({ length: 1000 }, (_, n) => stored(n)));
  const rejected = expect(unanswered).rejects.toThrow("has ended");
  await opener.close();
  await rejected;
  await expect(opener.open([stored(1)])).rejects.toThrow("has ended");
});
