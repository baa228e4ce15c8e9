import fc from "fast-check";

/** The same as the unit "binary", which first makes a table of all characters: a second of the processor. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10ffff - 0x800 })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800));
