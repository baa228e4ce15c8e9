import { Option } from "commander";
import { ApiError } from "../../adapters/client/index.ts";
import { type KeyId, SERVICES, type Service } from "../../domain/index.ts";
import { CommandFailed, EXIT } from "./exit-code.ts";

/** For what is about one service, speech unless said otherwise. */
export const oneService = (): Option =>
  new Option("--service <service>", "which keys").choices(SERVICES).default("speech" satisfies Service);

/** For what looks at both unless one is named. */
export const anyService = (): Option =>
  new Option("--service <service>", "only these keys; default: all").choices(SERVICES);

/** For a file, which may say it. */
export const importedService = (): Option =>
  new Option("--service <service>", "which keys; default: what the file says, or speech").choices(SERVICES);

export function servicesOf(service: Service | undefined): readonly Service[] {
  return service === undefined ? SERVICES : [service];
}

/** An id. Throws `CommandFailed` for anything else, which is not repeated: it may be a secret. */
export function keyId(text: string): KeyId {
  if (!/^[1-9]\d{0,14}$/.test(text)) {
    const advice = "as `keys list` shows it; a secret does not belong on a command line";
    throw new CommandFailed(`A key is named by its id, ${advice}`, EXIT.wrongUse);
  }
  return Number(text);
}

/** Asks about a key of whichever service has it: an id is one key's alone. Throws what `ask` throws. */
export async function inItsService<T>(
  service: Service | undefined,
  ask: (service: Service) => Promise<T>,
): Promise<T> {
  const [first = "speech", second] = servicesOf(service);
  try {
    return await ask(first);
  } catch (error) {
    if (second === undefined || !(error instanceof ApiError && error.code === "key_not_found")) throw error;
    return ask(second);
  }
}
