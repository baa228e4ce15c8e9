import { ApiError, type DetailedKey } from "../../../adapters/client/index.ts";
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

async function find({ pool }: Invocation, service: Service | undefined, id: KeyId): Promise<DetailedKey> {
  for (const each of servicesOf(service)) {
    const key = await pool.showKey(each, id).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.code === "key_not_found")) throw error;
    });
    if (key) return key;
  }
  throw new CommandFailed(`There is no key ${id}`);
}
