import { type Command, Option } from "commander";
import type { KeyStatus } from "../../../domain/index.ts";
import type { CommandLine } from "../command-line.ts";
import { anyService, importedService, oneService } from "../services.ts";
import { addKey, deleteKeys, disableKeys, enableKeys, limitOf, updateKey } from "./change-keys.ts";
import { exportKeys } from "./export-keys.ts";
import { FORMATS } from "./import-format.ts";
import { importKeys } from "./import-keys.ts";
import { listKeys } from "./list-keys.ts";
import { showKey } from "./show-key.ts";
import { KINDS, testKey } from "./test-key.ts";

const FORMAT =
  "csv has the columns key,region,keyname,tag, and max_in_flight if its first line names them; default: by the file's name";
const STATUSES: readonly KeyStatus[] = ["enabled", "cooldown", "disabled"];
const KEY_FILE = "a file that holds the key; default: the standard input, typed unseen on a terminal";

/** `keys …`: what is in the pool. */
export function keysCommand(program: Command, line: CommandLine): void {
  const keys = program.command("keys").description("list, add, change, test, import and export keys");

  const list = keys
    .command("list")
    .description("list keys, masked")
    .addOption(anyService())
    .option("--region <region>", "only of this region")
    .option("--tag <tag>", "only with this tag")
    .addOption(new Option("--status <status>", "only those that are it").choices(STATUSES));
  line.does(list, listKeys);

  const show = keys
    .command("show")
    .description("show a key, why it is as it is, and what happened to it last")
    .argument("<id>", "the key's id")
    .addOption(anyService())
    .option("--reveal", "with its secret; needs an admin's token and a reason, and is written into the audit")
    .option("--reason <text>", "why the secret is needed; asked for on a terminal");
  line.does(show, showKey);

  const add = keys
    .command("add")
    .description("add a key")
    .requiredOption("--region <region>", "where its resource is, such as eastasia")
    .addOption(oneService())
    .option("--name <name>", "what people call it")
    .option("--tag <tag>", "a mark to ask for keys by")
    .option(
      "--max-in-flight <number>",
      "how many leases of it may run at a time; default: any number",
      limitOf,
    )
    .option("--key-file <file>", KEY_FILE);
  line.does(add, addKey);

  const update = keys
    .command("update")
    .description("rename, move, tag or limit a key; what is not given stays as it is")
    .argument("<id>", "the key's id")
    .addOption(anyService())
    .option("--region <region>", "where it is from now on; its state moves along")
    .option("--name <name>", "what people call it")
    .option("--tag <tag>", 'a mark to ask for keys by; "" takes it away')
    .option(
      "--max-in-flight <number>",
      "how many leases of it may run at a time; none takes the limit away",
      limitOf,
    );
  line.does(update, updateKey);

  for (const [name, description, act] of [
    ["enable", "enable keys, and end their cooldowns", enableKeys],
    ["disable", "disable keys until somebody enables them", disableKeys],
  ] as const) {
    const change = keys
      .command(name)
      .description(description)
      .argument("<id...>", "ids of keys")
      .addOption(anyService());
    line.does(change, act);
  }

  const remove = keys
    .command("delete")
    .description("delete keys; their log stays")
    .argument("<id...>", "ids of keys")
    .addOption(anyService())
    .option("--yes", "do not ask; needed where there is no terminal");
  line.does(remove, deleteKeys);

  const test = keys
    .command("test")
    .description("ask Azure whether a key works; the pool takes the answer for a report on the key")
    .option("--region <region>", "where its resource is; default: eastasia, or global for a translation")
    .addOption(new Option("--kind <kind>", "what to ask it for").choices(KINDS).default("synthesis"))
    .option("--key-file <file>", KEY_FILE);
  line.does(test, testKey);

  const bring = keys
    .command("import")
    .description("add many keys from a file: JSON as `keys export` makes it, CSV, or a key a line")
    .argument("<file>", "the file, - for the standard input")
    .addOption(new Option("--format <format>", FORMAT).choices(FORMATS))
    .addOption(importedService())
    .option("--region <region>", "for keys whose region the file does not say")
    .option("--tag <tag>", "for keys whose tag the file does not say")
    .option("--overwrite", "give keys that exist the file's region, name, tag and limit; never its status")
    .option("--test", "ask Azure about each key first, and add only those that work")
    .option("--disabled", "add them disabled")
    .option("--dry-run", "say what is wrong with the file, and add nothing");
  line.does(bring, importKeys);

  const bringOut = keys
    .command("export")
    .description("write all keys with their secrets; needs an admin's token, and is written into the audit")
    .argument(
      "[file]",
      "a new file, for its owner alone; default: the standard output, unless that is a terminal",
    )
    .addOption(oneService());
  line.does(bringOut, exportKeys);
}
