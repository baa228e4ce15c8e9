import { InvalidArgumentError } from "commander";
import { ApiError, type KeyPoolClient, type ShownKey } from "../../../adapters/client/index.ts";
import { type KeyId, parseMaxInFlight, type Service } from "../../../domain/index.ts";
import { CommandFailed, EXIT, type ExitCode } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { inItsService, keyId } from "../services.ts";
import { doneLine } from "./key-formats.ts";
import { readSecret } from "./read-secret.ts";

interface AddOptions {
  readonly service: Service;
  readonly region: string;
  readonly name?: string;
  readonly tag?: string;
  readonly maxInFlight?: number | null;
  readonly keyFile?: string;
}

export async function addKey(invocation: Invocation, options: AddOptions): Promise<void> {
  const { service, region, name, tag, maxInFlight, keyFile } = options;
  const { pool } = invocation;
  const key = await readSecret(invocation, keyFile);
  const limit = maxInFlight !== undefined && { max_in_flight: maxInFlight };
  const fields = { key, region, ...(name && { keyname: name }), ...(tag && { tag }), ...limit };
  const added = await pool.addKey(service, fields);
  invocation.answer(added, () => [doneLine("added", added)]);
}

interface UpdateOptions extends Partial<Omit<AddOptions, "service" | "keyFile">> {
  readonly service?: Service;
}

/** Changes what is given and leaves the rest. An empty tag takes the tag away, `none` the limit. */
export async function updateKey(
  invocation: Invocation,
  { service, region, name, tag, maxInFlight }: UpdateOptions,
  [text = ""]: readonly string[],
): Promise<void> {
  const id = keyId(text);
  const changes = {
    ...(region !== undefined && { region }),
    ...(name !== undefined && { keyname: name }),
    ...(tag !== undefined && { tag }),
    ...(maxInFlight !== undefined && { max_in_flight: maxInFlight }),
  };
  if (Object.keys(changes).length === 0) {
    throw new CommandFailed("Say what to change: --name, --region, --tag or --max-in-flight", EXIT.wrongUse);
  }
  const updated = await inItsService(service, (its) => invocation.pool.updateKey(its, id, changes));
  invocation.answer(updated, () => [doneLine("updated", updated)]);
}

/** Reads what `--max-in-flight` says: a number, or `none`. */
export function limitOf(text: string): number | null {
  try {
    return parseMaxInFlight(text === "none" ? null : text);
  } catch {
    throw new InvalidArgumentError("must be a whole number from 1 to 10000, or none");
  }
}

interface ChangeOptions {
  readonly service?: Service;
  readonly yes?: boolean;
}

type Change = (pool: KeyPoolClient, service: Service, id: KeyId) => Promise<ShownKey>;

export const enableKeys = changing("enabled", (pool, service, id) => pool.enableKey(service, id));
export const disableKeys = changing("disabled", (pool, service, id) => pool.disableKey(service, id));
const removeKeys = changing("deleted", (pool, service, id) => pool.deleteKey(service, id));

export async function deleteKeys(
  invocation: Invocation,
  options: ChangeOptions,
  ids: readonly string[],
): Promise<ExitCode> {
  for (const id of ids) keyId(id);
  if (!options.yes) await confirm(invocation, ids);
  return removeKeys(invocation, options, ids);
}

async function confirm({ terminal }: Invocation, ids: readonly string[]): Promise<void> {
  if (!terminal.isInputTerminal) throw new CommandFailed("Deleting needs --yes here", EXIT.wrongUse);
  const answer = await terminal.ask(`Delete key ${ids.join(", ")} for good? (yes/no) `);
  if (answer.trim().toLowerCase() !== "yes") throw new CommandFailed("Nothing was deleted");
}

/** One key after the other, so that what was done is known when one fails. */
function changing(done: string, change: Change) {
  return async (invocation: Invocation, { service }: ChangeOptions, texts: readonly string[]) => {
    const { pool, terminal } = invocation;
    const ids = texts.map(keyId);
    const changed: ShownKey[] = [];
    let exitCode: ExitCode = EXIT.done;
    for (const id of ids) {
      try {
        changed.push(await inItsService(service, (its) => change(pool, its, id)));
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "key_not_found")) throw error;
        terminal.err(`There is no key ${id}`);
        exitCode = EXIT.failed;
      }
    }
    invocation.answer(changed, () => changed.map((key) => doneLine(done, key)));
    return exitCode;
  };
}
