/** Lets pending work go on until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 10_000) throw new Error("the condition never came to hold");
    await new Promise(setImmediate);
  }
}
