import { setTimeout as sleep } from "node:timers/promises";
import type { Figure } from "../bench.ts";
import { watchSteadily } from "../load/watch-hand-outs.ts";
import { CAN_BE_ASIDE } from "../processes/aside.ts";
import { type Attack, attack } from "../processes/attack.ts";
import { makeToken } from "../processes/close-door.ts";
import { startPoolServer } from "../processes/pool-server.ts";
import type { Row } from "../row.ts";
import { seedKeys } from "../seed.ts";
import { median } from "../statistics.ts";

const KEYS = 10_000;
const EVERY_MS = 4;
const ROUNDS = 5;
const ROUND_MS = 2_000;

const ATTACKS: Readonly<Record<Attack, string>> = {
  "slow-loris": "500 slow-loris connections",
  "oversized-headers": "headers of 64 kB",
  "idle-connections": "5,000 idle connections",
  "connection-crowds": "crowds of 5,000 connections that come and hang up",
  "endless-pipelining": "four endless pipelines",
  "hanging-uploads": "200 hanging uploads",
  "list-floods": "20 list floods",
  "viewers-list-floods": "20 list floods of a viewer",
  "failed-logins": "eight floods of wrong tokens",
};

/**
 * What a client with a good token notices of attackers: its p99 beside each attack against that on a quiet machine.
 * Attackers have machines of their own; here they get the last processor alone, in the time that neither the server nor
 * its good client wants of it, so that what is measured is what the server does about them and not who gets a
 * processor. The note says how much they got done all the same. Where the system cannot put them aside, the second
 * line of each, beside the same attack on another server, is what the machine does to whoever is on it.
 */
export const underAttack: Figure = async ({ scratchFile }) => {
  const measured = await startVictim(scratchFile("attacked.db"));
  const other = await startVictim(scratchFile("beside.db"));
  try {
    const watch = async (meanwhile: Promise<unknown>) =>
      (await watchSteadily(measured.url, meanwhile, measured.client, EVERY_MS)).p99Ms;
    const beside = async (name: Attack, victim: Victim) => {
      const { begun, over, gone } = attack(victim.url, name, ROUND_MS, victim.viewer);
      await begun;
      const p99Ms = await watch(over);
      await gone;
      return { p99Ms, attempts: await over };
    };
    // The second time, for at first the code is still being compiled.
    await watch(sleep(ROUND_MS));
    const rows: Row[] = [];
    for (const [name, text] of Object.entries(ATTACKS) as [Attack, string][]) {
      const [quiet, elsewhere, attacked]: [number[], number[], number[]] = [[], [], []];
      let attempts = 0;
      for (let round = 0; round < ROUNDS; round++) {
        quiet.push(await watch(sleep(ROUND_MS / 2)));
        elsewhere.push((await beside(name, other)).p99Ms);
        const seen = await beside(name, measured);
        attacked.push(seen.p99Ms);
        attempts += seen.attempts;
      }
      const figure = `p99 of a good client's hand-out beside ${text}`;
      const perSecond = Math.round(attempts / ROUNDS / (ROUND_MS / 1000)).toLocaleString("en-US");
      const note = `${perSecond} attempts/s${CAN_BE_ASIDE ? "" : ", not put aside"}`;
      const [unit, value] = ["ms", median(attacked)];
      const demand = { on: "ratio", is: "≤", goal: 3 } as const;
      rows.push(
        { figure, unit, measured: value, anchor: median(quiet), demand, note },
        { figure: "… against the same on another server", unit, measured: value, anchor: median(elsewhere) },
      );
    }
    return rows;
  } finally {
    await Promise.all([measured.stop(), other.stop()]);
  }
};

interface Victim {
  readonly url: string;
  readonly client: string;
  readonly viewer: string;
  stop(): Promise<void>;
}

async function startVictim(file: string): Promise<Victim> {
  await seedKeys(file, KEYS);
  const { url, stop } = await startPoolServer(file);
  const admin = await makeToken(url, { name: "bench", role: "admin" });
  const client = await makeToken(url, { name: "good", role: "client" }, admin);
  const viewer = await makeToken(url, { name: "curious", role: "viewer" }, admin);
  return { url, client, viewer, stop };
}
