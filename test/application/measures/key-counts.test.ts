import { expect, it } from "vitest";
import type { KeyPool } from "../../../src/application/index.ts";
import { openWorld, secretOf } from "../../../src/testing/pool.ts";

/** Enabled, resting and disabled keys by place, as `speech eastasia 3 0 0`. */
function told(pool: KeyPool): readonly string[] {
  return pool
    .measure()
    .keys.map(
      ({ service, region, counts }) =>
        `${service} ${region} ${counts.enabled} ${counts.cooldown} ${counts.disabled}`,
    );
}

const add = (pool: KeyPool, number: number, region = "eastasia") =>
  pool.addKey.execute({ service: "speech", region, secret: secretOf(number) });
const report = (pool: KeyPool, number: number, code: number) =>
  pool.reportCode.execute({ service: "speech", secret: secretOf(number), code });

it.each([
  ["from the beginning", true],
  ["once it is asked for", false],
])("counts keys by what they are now, %s", async (_, isAskedAtOnce) => {
  const { pool, clock } = await openWorld();
  if (isAskedAtOnce) expect(told(pool)).toEqual([]);
  for (let number = 1; number <= 5; number++) await add(pool, number);
  await report(pool, 1, 429);
  await report(pool, 2, 401);
  await report(pool, 3, 200);
  expect(told(pool)).toEqual(["speech eastasia 3 1 1"]);
  await pool.updateKey.execute("speech", secretOf(1), { region: "westus" });
  await pool.enableKey.execute("speech", secretOf(2));
  await pool.deleteKey.execute("speech", secretOf(3));
  expect(told(pool)).toEqual(["speech eastasia 3 0 0", "speech westus 0 1 0"]);
  clock.advance(300_000 - 1);
  expect(told(pool)[1]).toBe("speech westus 0 1 0");
  clock.advance(1);
  expect(told(pool)[1]).toBe("speech westus 1 0 0");
  await pool.deleteKey.execute("speech", secretOf(1));
  expect(told(pool)).toEqual(["speech eastasia 3 0 0"]);
});

it("counts a key that is disabled while it rests as disabled", async () => {
  const { pool } = await openWorld();
  await add(pool, 1);
  await report(pool, 1, 429);
  expect(told(pool)).toEqual(["speech eastasia 0 1 0"]);
  await pool.disableKey.execute("speech", secretOf(1));
  expect(told(pool)).toEqual(["speech eastasia 0 0 1"]);
  await pool.enableKey.execute("speech", secretOf(1));
  expect(told(pool)).toEqual(["speech eastasia 1 0 0"]);
});

it("counts rests anew when the clock was set back", async () => {
  const { pool, clock } = await openWorld();
  await add(pool, 1);
  await report(pool, 1, 429);
  clock.advance(300_000);
  expect(told(pool)).toEqual(["speech eastasia 1 0 0"]);
  clock.set(clock.now() - 60_000);
  expect(told(pool)).toEqual(["speech eastasia 0 1 0"]);
});
