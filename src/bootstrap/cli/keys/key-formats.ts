import type { DetailedKey, ListedKey, LogRow, ShownKey } from "../../../adapters/client/index.ts";
import { type Column, listOf, printable, tableOf } from "../output/table.ts";
import { shortTime, spanOf } from "../output/times.ts";

/** What keeps a key out of its pool, and until when. `now` is epoch milliseconds. */
export function stateOf(key: ShownKey, now: number): string {
  const { status, cooldown_until, disabled_by, disabled_code } = key;
  if (status === "disabled") {
    return disabled_by === "code" ? `disabled by a ${disabled_code}` : "disabled by a person";
  }
  if (status === "cooldown" && cooldown_until !== null) {
    return `resting, back in ${spanOf((Date.parse(cooldown_until) - now) / 1000)}`;
  }
  return "usable";
}

export function keyTable(keys: readonly ListedKey[], now: number): readonly string[] {
  const columns: readonly Column<ListedKey>[] = [
    { title: "ID", of: ({ id }) => id, align: "right" },
    { title: "SERVICE", of: ({ service }) => service },
    { title: "REGION", of: ({ region }) => region },
    { title: "NAME", of: ({ keyname }) => keyname || null },
    { title: "TAG", of: ({ tag }) => tag },
    { title: "KEY", of: ({ key }) => key },
    { title: "STATE", of: (key) => stateOf(key, now) },
    { title: "USES", of: ({ usage_count }) => usage_count, align: "right" },
    { title: "ERRORS", of: ({ error_count }) => error_count, align: "right" },
    { title: "LAST USED", of: ({ last_used }) => shortTime(last_used) },
  ];
  return tableOf(keys, columns);
}

/** A key and the last of what happened to it, newest first. */
export function keyStory(
  key: DetailedKey & { readonly secret?: string },
  logs: readonly LogRow[],
  now: number,
): readonly string[] {
  const facts = listOf([
    ["id", key.id],
    ["service", key.service],
    ["region", key.region],
    ["name", key.keyname || null],
    ["tag", key.tag],
    ["in use", key.max_in_flight === null ? key.in_use : `${key.in_use} of ${key.max_in_flight}`],
    ["key", key.secret ?? key.key],
    ["state", stateOf(key, now)],
    ["disabled at", shortTime(key.disabled_at)],
    ["uses", key.usage_count],
    ["errors", key.error_count],
    ["last used", shortTime(key.last_used)],
    ["added", shortTime(key.created_at)],
  ]);
  return logs.length === 0 ? facts : [...facts, "", ...logTable(logs)];
}

const LOG_COLUMNS: readonly Column<LogRow>[] = [
  { title: "ID", of: ({ id }) => id, align: "right" },
  { title: "AT", of: ({ created_at }) => shortTime(created_at) },
  { title: "ACTION", of: ({ action }) => action },
  { title: "CODE", of: ({ status_code }) => status_code, align: "right" },
  { title: "KEY", of: ({ key_id }) => key_id, align: "right" },
  { title: "REGION", of: ({ region }) => region },
  { title: "NAME", of: ({ keyname }) => keyname || null },
  { title: "NOTE", of: ({ note }) => note },
];

export function logTable(logs: readonly LogRow[]): readonly string[] {
  return tableOf(logs, LOG_COLUMNS);
}

/** What was done to a key, in one line. */
export function doneLine(what: string, { id, service, region, keyname, key }: ShownKey): string {
  return `${what} ${service} key ${id} (${[region, keyname, key].filter(Boolean).join(", ")})`;
}

/** A row by itself, for a list that goes on. */
export function logLine({ created_at, action, status_code, key_id, region, keyname, note }: LogRow): string {
  const about = [key_id === null ? null : `key ${key_id}`, region, keyname].filter(Boolean).join(" ");
  return [shortTime(created_at), action, status_code, about, note]
    .filter((part) => part !== null && part !== "")
    .map((part) => printable(part ?? ""))
    .join("  ");
}
