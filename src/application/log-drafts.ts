import type { Key, LogAction, LogDraft } from "../domain/index.ts";

/** A log row about a key. */
export function keyEntry(
  key: Pick<Key, "id" | "service" | "name" | "region">,
  action: LogAction,
  at: number,
  {
    statusCode = null,
    note = null,
  }: { readonly statusCode?: number | null; readonly note?: string | null } = {},
): LogDraft {
  const { id, service, name, region } = key;
  return { service, keyId: id, keyName: name, region, action, statusCode, note, at };
}
