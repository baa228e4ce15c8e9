import type { ListedKey } from "../../adapters/client/index.ts";
import type { Service } from "../../domain/index.ts";
import { stateOf } from "./keys/key-formats.ts";
import { tableOf } from "./output/table.ts";
import { spanOf } from "./output/times.ts";

/** The keys of one service and region, counted. */
export interface PoolOverview {
  readonly service: Service;
  readonly region: string;
  readonly usable: number;
  readonly resting: number;
  readonly disabled: number;
  /** When the first of those that rest is back, epoch milliseconds. */
  readonly nextBackAt: number | null;
  /** The key that was handed out last, masked, with its name. */
  readonly lastUsed: string | null;
}

export function overviewsOf(keys: readonly ListedKey[]): readonly PoolOverview[] {
  const pools = Object.entries(Object.groupBy(keys, ({ service, region }) => `${service} ${region}`));
  return pools.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, members = []]) => overviewOf(members));
}

function overviewOf(keys: readonly ListedKey[]): PoolOverview {
  const [{ service, region }] = keys as readonly [ListedKey];
  const count = (status: ListedKey["status"]) => keys.filter((key) => key.status === status).length;
  const backAt = keys.flatMap(({ status, cooldown_until }) =>
    status === "cooldown" && cooldown_until !== null ? [Date.parse(cooldown_until)] : [],
  );
  const used = keys.filter(({ last_used }) => last_used !== null);
  const last = used.toSorted((a, b) => ((a.last_used ?? "") < (b.last_used ?? "") ? 1 : -1))[0];
  return {
    ...{ service, region },
    ...{ usable: count("enabled"), resting: count("cooldown"), disabled: count("disabled") },
    nextBackAt: backAt.length === 0 ? null : backAt.reduce((a, b) => Math.min(a, b)),
    lastUsed: last === undefined ? null : [last.key, last.keyname].filter(Boolean).join(" "),
  };
}

/** The pools, and below them each key that somebody or something has taken out. */
export function overviewLines(keys: readonly ListedKey[], now: number, most: number): readonly string[] {
  const pools = tableOf(overviewsOf(keys), [
    { title: "SERVICE", of: ({ service }) => service },
    { title: "REGION", of: ({ region }) => region },
    { title: "USABLE", of: ({ usable }) => usable, align: "right" },
    { title: "RESTING", of: ({ resting }) => resting, align: "right" },
    { title: "DISABLED", of: ({ disabled }) => disabled, align: "right" },
    {
      title: "NEXT BACK",
      of: ({ nextBackAt }) => (nextBackAt === null ? null : spanOf((nextBackAt - now) / 1000)),
      align: "right",
    },
    { title: "LAST HANDED OUT", of: ({ lastUsed }) => lastUsed },
  ]);
  const out = keys.filter(({ status }) => status !== "enabled");
  if (out.length === 0) return pools;
  const columns = [
    { title: "ID", of: ({ id }: ListedKey) => id, align: "right" },
    { title: "KEY", of: ({ key }: ListedKey) => key },
    { title: "REGION", of: ({ region }: ListedKey) => region },
    { title: "NAME", of: ({ keyname }: ListedKey) => keyname || null },
    { title: "STATE", of: (key: ListedKey) => stateOf(key, now) },
  ] as const;
  const more = out.length > most ? [`and ${out.length - most} more`] : [];
  return [...pools, "", ...tableOf(out.slice(0, most), columns), ...more];
}
