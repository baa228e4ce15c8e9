import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from "node:fs";
import type { Service } from "../../../domain/index.ts";
import { CommandFailed, EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";

/** Writes what an import takes back as it is. Overwrites nothing, and shows no secret on a terminal. */
export async function exportKeys(
  invocation: Invocation,
  { service }: { readonly service: Service },
  [file]: readonly string[],
): Promise<void> {
  const { terminal, admin } = invocation;
  if (file === undefined) {
    if (terminal.isOutputTerminal) {
      throw new CommandFailed("The keys would show on the terminal: name a file", EXIT.wrongUse);
    }
    terminal.out(JSON.stringify(await admin.exportKeys(service), null, 2));
    return;
  }
  const handle = makeFile(file);
  try {
    const exported = await admin.exportKeys(service);
    writeFileSync(handle, `${JSON.stringify(exported, null, 2)}\n`);
    fsyncSync(handle);
    const told = { file, type: service, keys: exported.keys.length };
    invocation.answer(told, () => [
      `${told.keys} ${service} keys written to ${file}, in plain: keep it safe`,
    ]);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

/** For its owner alone. Throws `CommandFailed` where there is something already. */
function makeFile(file: string): number {
  try {
    return openSync(file, "wx", 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailed(
      code === "EEXIST" ? `${file} exists already` : `${file} cannot be made (${code})`,
    );
  }
}
