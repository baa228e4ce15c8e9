import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInMemoryPorts, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import type { KeyPool } from "../../../src/application/index.ts";
import type { SpeechProbe, Verdict } from "../../../src/domain/index.ts";
import { logged, openWorld, report } from "../../../src/testing/pool.ts";

const MINUTE = 60_000;
// None of them looks like one of Azure's keys.
const [TESTED, OTHER] = ["tested-key-1", "other-Key/2"];
const ELSEWHERE = "0123456789abcdef0123456789abcdef";
const QUOTED = `for ${TESTED}, after OTHER-KEY/2 and ${ELSEWHERE}`;
const MASKED = "for test***, after OTHE*** and 0123***";

/** Answers with whatever it was told of keys, in its reason and in all that it passes on. */
const TALKATIVE: SpeechProbe = {
  synthesize: async () => ({ verdict: verdict(), audioSize: 0 }),
  recognize: async () => ({
    verdict: verdict(),
    transcription: QUOTED,
    recognitionStatus: QUOTED,
    rawResponse: { [`about ${TESTED}`]: [QUOTED, { deep: QUOTED, deeper: nested(200) }], count: 1 },
  }),
};

function verdict(): Verdict {
  return { code: 401, source: "service", reason: QUOTED };
}

function nested(levels: number): unknown {
  return levels === 0 ? QUOTED : [nested(levels - 1)];
}

describe("an answer about one key that quotes others", () => {
  let pool: KeyPool;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    pool = (await openWorld(clock, { ...createInMemoryPorts(clock), speechProbe: TALKATIVE })).pool;
    await pool.addKey.execute({ service: "translation", secret: OTHER.toLowerCase(), region: "global" });
  });
  afterEach(() => pool.stop());

  const add = () => pool.addKey.execute({ service: "speech", secret: TESTED, region: "eastasia" });
  const notes = async () => (await logged(pool)).flatMap(({ note }) => note ?? []);

  it("shows none of them, neither in what is answered nor in the log", async () => {
    await add();
    const { probed } = await pool.testKey.execute({
      kind: "recognition",
      secret: TESTED,
      region: "eastasia",
    });
    expect(probed).toMatchObject({
      verdict: { code: 401, source: "service", reason: MASKED },
      transcription: MASKED,
      recognitionStatus: MASKED,
      rawResponse: { "about test***": [MASKED, { deep: MASKED }], count: 1 },
    });
    expect(JSON.stringify(probed)).not.toContain(ELSEWHERE);
    expect(await notes()).toEqual([expect.stringContaining(MASKED), expect.stringContaining(MASKED)]);
  });

  it("shows none of them in the note of a re-check", async () => {
    await report(pool, await add(), 401);
    await pool.settings.save({ name: "recheck_interval_minutes", value: "10" });
    clock.advance(10 * MINUTE);
    await pool.jobs.run("re-check keys");
    expect((await notes())[0]).toBe(`re-check: TTS 401 in 0 ms: ${MASKED}`);
  });

  it("shows none of them in why a row of an import was refused", async () => {
    const parts = [[{ secret: TESTED, region: "eastasia" }]];
    const options = { validateBeforeCreate: false, testBeforeCreate: true };
    const { results } = await pool.importKeys.execute({ service: "speech", parts, options });
    expect(results).toMatchObject([{ status: "failed", error: `Not created, the test says: 401 ${MASKED}` }]);
  });

  it("shows no key of the pool that a NUL had split in a note", async () => {
    await pool.reportCode.execute({
      service: "speech",
      secret: (await add()).secret,
      code: 500,
      note: `after ${OTHER.slice(0, 6)}\u0000${OTHER.slice(6)}`,
    });
    expect((await notes())[0]).toBe("after othe***");
  });
});
