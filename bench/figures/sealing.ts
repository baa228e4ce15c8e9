import { createEnvelope } from "../../src/adapters/sealing/index.ts";
import type { Figure } from "../bench.ts";
import { secretOf } from "../seed.ts";
import { median } from "../statistics.ts";

/** What a start adds that opens every secret, and what a migration adds that seals every one. */
export const sealing: Figure = async ({ effort }) => {
  const { manyKeys, rounds } = effort;
  const { box } = createEnvelope();
  const secrets = Array.from({ length: manyKeys }, (_, n) => secretOf(n + 1));
  const sealSeconds: number[] = [];
  const openSeconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    const stored = secrets.map((secret) => box.seal("speech", secret));
    const sealedAt = performance.now();
    const opened = stored.map((one) => box.open("speech", one));
    openSeconds.push((performance.now() - sealedAt) / 1000);
    sealSeconds.push((sealedAt - startedAt) / 1000);
    if (opened.some((secret, n) => secret !== secrets[n])) throw new Error("A secret has not come back");
  }
  const count = manyKeys.toLocaleString("en-US");
  const micros = (seconds: number) => `${((seconds / manyKeys) * 1e6).toFixed(1)} µs each`;
  const [open, seal] = [median(openSeconds), median(sealSeconds)];
  return [
    {
      figure: `${count} secrets opened`,
      unit: "s",
      measured: open,
      demand: { on: "measured", is: "≤", goal: 0.6 },
      note: micros(open),
    },
    { figure: `${count} secrets sealed`, unit: "s", measured: seal, note: micros(seal) },
  ];
};
