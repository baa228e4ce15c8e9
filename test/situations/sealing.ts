import type { Sealing } from "../../src/adapters/mikro-orm/secrets/sealing.ts";
import { createEnvelope, LocalMasterKey, openEnvelope } from "../../src/adapters/sealing/index.ts";

/** A master key as text, of 32 times this byte. */
export const masterKeyText = (byte = 1): string => Buffer.alloc(32, byte).toString("base64");

/** Seals under a master key that a test knows. */
export function testSealing(text = masterKeyText(), on: Omit<Sealing, "open"> = {}): Sealing {
  const masterKey = LocalMasterKey.parse(text, "the test");
  return {
    ...on,
    open: async ({ envelope }) => {
      const opened = envelope ? await openEnvelope(masterKey, envelope) : createEnvelope();
      return { box: opened.box, envelope: envelope ?? (await opened.wrap(masterKey)) };
    },
  };
}
