import type { ListedKey } from "../../../adapters/client/index.ts";
import type { KeyStatus, Service } from "../../../domain/index.ts";
import type { Invocation } from "../invocation.ts";
import { servicesOf } from "../services.ts";
import { keyTable } from "./key-formats.ts";

interface ListOptions {
  readonly service?: Service;
  readonly region?: string;
  readonly tag?: string;
  readonly status?: KeyStatus;
}

export async function listKeys(invocation: Invocation, options: ListOptions): Promise<void> {
  const { service, region, tag, status } = options;
  const { pool } = invocation;
  const filter = { ...(region && { region }), ...(tag && { tag }), ...(status && { status }) };
  const keys: ListedKey[] = [];
  for (const each of servicesOf(service)) keys.push(...(await pool.listKeys(each, filter)));
  invocation.answer(keys, () => keyTable(keys, Date.now()));
  if (!invocation.isJson) invocation.remark(keys.length === 1 ? "1 key" : `${keys.length} keys`);
}
