import { openDatabase } from "../src/adapters/mikro-orm/index.ts";
import { openNative } from "../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { execute } from "../test/servers/postgres-server.ts";

export const secretOf = (n: number): string => `bench${String(n).padStart(27, "0")}`;

const numbersUpTo = (count: number) =>
  `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count})`;

/** Makes a database file with keys `1` to `count` for Speech, in turn one for each region; by default without limits. */
export async function seedKeys(
  file: string,
  count: number,
  regions: readonly string[] = ["eastasia"],
  maxInFlight: number | null = null,
): Promise<void> {
  const region = regions.map((region, n) => `when ${n} then '${region}'`).join(" ");
  await run(
    file,
    `insert into keys (service, secret, region, keyname, max_in_flight, status, cooldown_until, protected_until, generation, created_at, updated_at)
    ${numbersUpTo(count)}
    select 'speech', printf('bench%027d', n), case (n - 1) % ${regions.length} ${region} end, 'key ' || n, ${maxInFlight}, 'enabled', 0, 0, 0, 1767225600000, 1767225600000 from numbers`,
  );
}

/** Makes the tables of a PostgreSQL database with keys `1` to `count` for Speech, in turn one for each region. */
export async function seedShared(url: string, count: number, regions: readonly string[]): Promise<void> {
  await (await openDatabase({ url })).close();
  await execute(
    url,
    `insert into keys (service, secret, region, keyname, status, cooldown_until, protected_until, generation, created_at, updated_at)
    select 'speech', 'bench' || lpad(n::text, 27, '0'), (array['${regions.join("','")}'])[1 + (n - 1) % ${regions.length}],
      'key ' || n, 'enabled', 0, 0, 0, 1767225600000, 1767225600000 from generate_series(1, ${count}) as n`,
  );
}

/** Adds log rows, one for each second from `startsAt` on: reports of 1,009 keys, of which 2 % are throttled. */
export async function seedLogs(file: string, count: number, startsAt = 1767225600000): Promise<void> {
  await run(
    file,
    `insert into logs (service, key_id, keyname, region, action, status_code, note, created_at)
    ${numbersUpTo(count)}
    select 'speech', 1 + n * 7919 % 1009, 'key', 'eastasia',
      iif(n % 50 = 0, 'cooldown_start', 'set_status'), iif(n % 50 = 0, 429, 200), 'a remark', ${startsAt} + n * 1000
    from numbers`,
  );
}

/** How many rows of the log the file holds. */
export function countLogs(file: string): number {
  const native = openNative(file, {});
  const [row] = native.prepare("select count(*) as total from logs").all([]);
  native.close();
  return row?.total as number;
}

async function run(file: string, sql: string): Promise<void> {
  // Opened and closed by the adapter first, whose migrations make the tables.
  await (await openDatabase({ url: `sqlite:${file}` })).close();
  const native = openNative(file, {});
  native.pragma("synchronous = off");
  native.exec(sql);
  native.pragma("wal_checkpoint(truncate)");
  native.close();
}
