const { FUZZ_SEED } = process.env;

/**
 * The seed of what is made by chance: the same in every run, so that a failure comes again, unless `FUZZ_SEED` is
 * another number, or `random`. A failure shows its seed.
 */
export const SEED: number = seedOf(FUZZ_SEED);

function seedOf(text: string | undefined): number {
  if (text === "random") return Math.trunc(Math.random() * 2 ** 31);
  return text === undefined ? 20_261_124 : Number(text);
}
