import type { Command } from "commander";
import type { ConfigEntry } from "../../adapters/client/index.ts";
import type { CommandLine } from "./command-line.ts";
import type { Invocation } from "./invocation.ts";
import { type Column, tableOf } from "./output/table.ts";

const COLUMNS: readonly Column<ConfigEntry>[] = [
  { title: "SETTING", of: ({ config_key }) => config_key },
  { title: "VALUE", of: ({ config_value }) => config_value },
  { title: "DESCRIPTION", of: ({ description }) => description || null },
];

export function settingsCommand(program: Command, line: CommandLine): void {
  const settings = program.command("settings").description("see and change what is set at run time");

  line.does(settings.command("list").description("list all settings"), async (invocation) => {
    const entries = await invocation.pool.listSettings();
    invocation.answer(entries, () => tableOf(entries, COLUMNS));
  });

  const get = settings
    .command("get")
    .description("print a setting's value")
    .argument("<name>", "the setting, such as cooldown_seconds");
  line.does(get, async (invocation, _options, [name = ""]) => {
    const entry = await invocation.pool.readSetting(name);
    invocation.answer(entry, () => [entry.config_value]);
  });

  const set = settings
    .command("set")
    .description("change a setting, in force at once on every instance")
    .argument("<name>", "the setting")
    .argument("<value>", "its value")
    .option("--new", "add it if there is none of that name; the pool passes over what it does not know");
  line.does<{ readonly new?: boolean }>(set, async (invocation, { new: isNew }, [name = "", value = ""]) => {
    const change = { config_key: name, config_value: value };
    const { pool } = invocation;
    tell(invocation, await (isNew ? pool.saveSetting(change) : pool.updateSetting(change)));
  });

  const reset = settings
    .command("reset")
    .description("put a setting back to its default")
    .argument("<name>", "the setting");
  line.does(reset, async (invocation, _options, [name = ""]) => {
    tell(invocation, await invocation.pool.restoreSetting(name));
  });
}

function tell(invocation: Invocation, entry: ConfigEntry): void {
  invocation.answer(entry, () => [`${entry.config_key} is ${entry.config_value}`]);
}
