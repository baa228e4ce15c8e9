import { setTimeout as sleep } from "node:timers/promises";
import type { Figure } from "../bench.ts";
import { watchSteadily } from "../load/watch-hand-outs.ts";
import { CAN_BE_ASIDE } from "../processes/aside.ts";
import { attack, type Flood, type Siege } from "../processes/attack.ts";
import { makeToken } from "../processes/close-door.ts";
import { startPoolServer } from "../processes/pool-server.ts";
import type { Row } from "../row.ts";
import { seedKeys } from "../seed.ts";
import { median } from "../statistics.ts";

const KEYS = 10_000;
const EVERY_MS = 4;
const ROUNDS = 5;
const ROUND_MS = 2_000;

/** How well a flood has to keep to its rate for its row to count. */
const KEPT = 0.9;

interface Attackers {
  readonly name: Siege | Flood;
  /** As the row says it. */
  readonly text: string;
  /** What a hostile machine at the other end of a wire can keep up. */
  readonly perSecond?: number;
}

const ATTACKS: readonly Attackers[] = [
  { name: "slow-loris", text: "500 slow-loris connections" },
  { name: "idle-connections", text: "5,000 idle connections" },
  { name: "oversized-headers", text: "1,000 headers of 64 kB a second", perSecond: 1_000 },
  { name: "connection-crowds", text: "5,000 connections a second that hang up at once", perSecond: 5_000 },
  { name: "endless-pipelining", text: "100 endless pipelines a second", perSecond: 100 },
  { name: "hanging-uploads", text: "1,000 hanging uploads a second", perSecond: 1_000 },
  { name: "list-floods", text: "1,000 lists a second without a token", perSecond: 1_000 },
  { name: "viewers-list-floods", text: "100 lists a second that a viewer gives up", perSecond: 100 },
  { name: "failed-logins", text: "1,000 wrong tokens a second", perSecond: 1_000 },
];

/**
 * What a client with a good token notices of attackers: its p99 beside each attack against that on a quiet machine.
 * Attackers have machines of their own; here they get the last processor alone, in the time that neither the server nor
 * its good client wants of it. A flood comes at a rate, for what floods as fast as it can takes of two processors what it
 * gets, and its row would say what the machine does; that is the last line of each, of which nothing is demanded. The
 * second, the same attack on another server, is what the machine does to whoever is on it. A row whose rate could not be
 * kept up has errors.
 */
export const underAttack: Figure = async ({ scratchFile }) => {
  const measured = await startVictim(scratchFile("attacked.db"));
  const other = await startVictim(scratchFile("beside.db"));
  try {
    const watch = async (meanwhile: Promise<unknown>) =>
      (await watchSteadily(measured.url, meanwhile, measured.client, EVERY_MS)).p99Ms;
    const beside = async ({ url, viewer }: Victim, name: Siege | Flood, perSecond?: number) => {
      const { begun, over, gone } = attack(url, { name, perSecond, milliseconds: ROUND_MS, viewer });
      await begun;
      const p99Ms = await watch(over);
      await gone;
      return { p99Ms, perSecond: (await over) / (ROUND_MS / 1000) };
    };
    // The second time, for at first the code is still being compiled.
    await watch(sleep(ROUND_MS));
    const rows: Row[] = [];
    for (const attackers of ATTACKS) {
      const { name, perSecond } = attackers;
      const quiet: number[] = [];
      const [elsewhere, attacked, flooded]: [Seen[], Seen[], Seen[]] = [[], [], []];
      for (let round = 0; round < ROUNDS; round++) {
        quiet.push(await watch(sleep(ROUND_MS / 2)));
        elsewhere.push(await beside(other, name, perSecond));
        attacked.push(await beside(measured, name, perSecond));
        if (perSecond !== undefined) flooded.push(await beside(measured, name));
      }
      rows.push(...rowsOf(attackers, { quietMs: median(quiet), elsewhere, attacked, flooded }));
    }
    return rows;
  } finally {
    await Promise.all([measured.stop(), other.stop()]);
  }
};

/** One round of an attack. */
interface Seen {
  readonly p99Ms: number;
  readonly perSecond: number;
}

interface Rounds {
  readonly quietMs: number;
  readonly elsewhere: readonly Seen[];
  readonly attacked: readonly Seen[];
  /** Those without a rate. */
  readonly flooded: readonly Seen[];
}

function rowsOf({ text, perSecond }: Attackers, { quietMs, elsewhere, attacked, flooded }: Rounds): Row[] {
  const [unit, value] = ["ms", p99Of(attacked)];
  const row: Row = {
    figure: `p99 of a good client's hand-out beside ${text}`,
    ...{ unit, measured: value, anchor: quietMs },
    demand: { on: "ratio", is: "≤", goal: 3 },
  };
  const other: Row = {
    figure: "… against the same on another server",
    ...{ unit, measured: value, anchor: p99Of(elsewhere) },
  };
  if (perSecond === undefined) return [row, other];
  return [
    { ...row, errors: rateOf(attacked) < KEPT * perSecond ? 1 : 0, note: rateNote(attacked) },
    other,
    {
      figure: "… beside as many as they can",
      ...{ unit, measured: p99Of(flooded), anchor: quietMs },
      note: rateNote(flooded),
    },
  ];
}

function p99Of(rounds: readonly Seen[]): number {
  return median(rounds.map(({ p99Ms }) => p99Ms));
}

function rateOf(rounds: readonly Seen[]): number {
  return median(rounds.map(({ perSecond }) => perSecond));
}

function rateNote(rounds: readonly Seen[]): string {
  return `${inWords(Math.round(rateOf(rounds)))} attempts/s${CAN_BE_ASIDE ? "" : ", not put aside"}`;
}

function inWords(count: number): string {
  return count.toLocaleString("en-US");
}

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
