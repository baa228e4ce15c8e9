import type { KeyPage, ListedKey } from "../../../adapters/client/index.ts";
import type { KeyId, Service } from "../../../domain/index.ts";
import { CommandFailed, EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { keyId, servicesOf } from "../services.ts";
import { keyStory } from "./key-formats.ts";

interface ShowOptions {
  readonly service?: Service;
  readonly reveal?: boolean;
  readonly reason?: string;
}

const STORY_ROWS = 10;
const PAGE_ROWS = 1000;

export async function showKey(
  invocation: Invocation,
  { service, reveal, reason }: ShowOptions,
  [text = ""]: readonly string[],
): Promise<void> {
  const { pool, admin } = invocation;
  const id = keyId(text);
  const why = reveal ? await reasonOf(invocation, reason) : undefined;
  const found = await find(invocation, service, id);
  const { logs } = await pool.listLogs(found.service, { key_id: id, limit: STORY_ROWS });
  const secret = why === undefined ? undefined : (await admin.revealKey(found.service, id, why)).key;
  const key = secret === undefined ? found : { ...found, secret };
  invocation.answer({ ...key, logs }, () => keyStory(key, logs, Date.now()));
}

async function reasonOf({ terminal }: Invocation, given: string | undefined): Promise<string> {
  const reason = given ?? (terminal.isInputTerminal ? await terminal.ask("Why is the secret needed? ") : "");
  if (reason.trim() === "") throw new CommandFailed("--reveal needs a --reason", EXIT.wrongUse);
  return reason;
}

async function find({ pool }: Invocation, service: Service | undefined, id: KeyId): Promise<ListedKey> {
  for (const each of servicesOf(service)) {
    const key = await findIn((page) => pool.pageKeys(each, { page, limit: PAGE_ROWS }), id);
    if (key) return key;
  }
  throw new CommandFailed(`There is no key ${id}`);
}

/** Lists are by id, so that a few pages tell, however many keys there are. */
async function findIn(read: (page: number) => Promise<KeyPage>, id: KeyId): Promise<ListedKey | undefined> {
  let [from, to] = [1, Number.POSITIVE_INFINITY];
  while (from <= to) {
    const page = Number.isFinite(to) ? Math.floor((from + to) / 2) : 1;
    const { keys, totalPages } = await read(page);
    const [first, last] = [keys[0]?.id ?? id, keys.at(-1)?.id ?? 0];
    if (first <= id && id <= last) return keys.find((key) => key.id === id);
    to = id < first ? page - 1 : Math.min(to, totalPages);
    if (id > last) from = page + 1;
  }
  return undefined;
}
