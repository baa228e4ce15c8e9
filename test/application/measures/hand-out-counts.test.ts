import { expect, it } from "vitest";
import { HandOutCounts } from "../../../src/application/measures/hand-out-counts.ts";
import { openWorld, secretOf } from "../../../src/testing/pool.ts";

const at = (region: string, service: "speech" | "translation" = "speech") => ({ service, region });

/** Each pool and outcome with its count, as `speech eastasia handed-out 2`. */
function told(counts: HandOutCounts): readonly string[] {
  return counts
    .read()
    .map(({ service, region, outcome, count }) => `${service} ${region} ${outcome} ${count}`);
}

it("tells services, regions and outcomes apart, whatever came before", () => {
  const counts = new HandOutCounts();
  counts.countHandOut(at("eastasia"));
  counts.countHandOut(at("eastasia"));
  counts.countHandOut(at("westus"));
  counts.countNone(at("eastasia"), "all-away", true);
  counts.countHandOut(at("eastasia", "translation"));
  expect(told(counts)).toEqual([
    "speech eastasia handed-out 2",
    "speech eastasia all-away 1",
    "speech westus handed-out 1",
    "translation eastasia handed-out 1",
  ]);
});

it("names no region that never had a key: what is asked for may be a secret", () => {
  const counts = new HandOutCounts();
  counts.countNone(at("0123456789abcdef0123456789abcdef"), "no-key", false);
  counts.countHandOut(at("eastasia"));
  counts.countNone(at("westus"), "no-key", false);
  counts.countNone(at("eastasia"), "no-key", false);
  expect(told(counts)).toEqual([
    "speech null no-key 2",
    "speech eastasia handed-out 1",
    "speech eastasia no-key 1",
  ]);
});

it("tells a hundred regions apart and counts all others together", () => {
  const counts = new HandOutCounts();
  for (let n = 0; n < 150; n++) counts.countHandOut(at(`region${n}`));
  for (let n = 0; n < 150; n++) counts.countHandOut(at(`region${n}`));
  const read = counts.read();
  expect(read).toHaveLength(101);
  expect(read.filter(({ region }) => region !== null).map(({ count }) => count)).toEqual(Array(100).fill(2));
  expect(read.find(({ region }) => region === null)?.count).toBe(100);
});

it("counts a hand-out once, however many tags of a scope were tried for it", async () => {
  const { pool } = await openWorld();
  await pool.addKey.execute({ service: "speech", region: "eastasia", tag: "c", secret: secretOf(1) });
  const scope = { tags: ["a", "b", "c"] };
  await pool.handOutKey.execute({ service: "speech", region: "EastAsia" }, scope);
  await pool.handOutKey.execute({ service: "speech", region: "EastAsia" }, { tags: ["a", "b"] });
  await pool.handOutKey.execute({ service: "speech", region: "eastasia" }, { regions: ["westus"] });
  await pool.handOutKey.execute({ service: "speech", region: "EastAsia", tag: "none" });
  expect(pool.measure().handOuts).toEqual([
    { service: "speech", region: "eastasia", outcome: "handed-out", count: 1 },
    { service: "speech", region: "eastasia", outcome: "no-key", count: 3 },
  ]);
});
