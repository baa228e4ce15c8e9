import type { Figure } from "../bench.ts";
import { ask, HAND_OUT, REPORT, startPoolServer } from "../processes/pool-server.ts";
import { secretOf, seedKeys } from "../seed.ts";
import { median } from "../statistics.ts";

/** Throttles the only key and asks for it without a pause until it comes back. */
export const eligibleAgain: Figure = async ({ effort, scratchFile }) => {
  const file = scratchFile("eligible.db");
  await seedKeys(file, 1);
  const server = await startPoolServer(file);
  try {
    const configs = [
      { config_key: "cooldown_seconds", config_value: "0.2" },
      { config_key: "protection_period_seconds", config_value: "0" },
    ];
    await ask(`${server.url}/api/config/batch`, "POST", { configs });
    const delays: number[] = [];
    for (let n = 0; n < effort.repetitions; n++) delays.push(await delayOf(server.url));
    const early = delays.filter((delay) => delay < 0).length;
    return [
      {
        figure: "eligible again after the deadline, at worst",
        unit: "ms",
        measured: Math.max(...delays),
        errors: early,
        demand: { on: "measured", is: "≤", goal: 10, aim: 2 },
        note: `median ${median(delays)} ms, ${early} early, of ${effort.repetitions}`,
      },
    ];
  } finally {
    await server.stop();
  }
};

/** From the deadline to the answer that hands the key out, on the one clock of this machine. */
async function delayOf(url: string): Promise<number> {
  await ask(url + REPORT, "POST", { key: secretOf(1), code: 429 });
  let deadline = Number.NaN;
  for (;;) {
    const response = await fetch(url + HAND_OUT);
    const answeredAt = Date.now();
    const { data } = (await response.json()) as { data: { readonly availableAt?: string } };
    if (response.ok) return answeredAt - deadline;
    deadline = Date.parse(data.availableAt ?? "");
  }
}
