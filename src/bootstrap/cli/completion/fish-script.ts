import type { Completions } from "./completions.ts";
import { quoted } from "./quoted.ts";

export function fishScript(all: readonly Completions[]): string {
  const lines = all.flatMap(({ path, commands, options, words }) => {
    const here = `-n ${quoted(`__azure_key_pool_at "${path.join(" ")}"`)}`;
    const names = commands.map(
      ({ name, description }) => `complete -c azure-key-pool -f ${here} -a ${name} -d ${quoted(description)}`,
    );
    const own = options.map(({ flags, description, takesValue, values }) => {
      const named = flags.map((flag) =>
        flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const value = takesValue ? (values.length > 0 ? ` -x -a ${quoted(values.join(" "))}` : " -r") : "";
      return `complete -c azure-key-pool ${here} ${named.join(" ")}${value} -d ${quoted(description)}`;
    });
    const rest =
      words.length > 0 ? [`complete -c azure-key-pool -f ${here} -a ${quoted(words.join(" "))}`] : [];
    return [...names, ...rest, ...own];
  });
  const paths = all.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(" ")));
  return `# fish completion of azure-key-pool
function __azure_key_pool_at
  set -l path ""
  for word in (commandline -opc)[2..-1]
    set -l next (string trim "$path $word")
    if contains -- $next ${paths.join(" ")}
      set path $next
    end
  end
  test "$path" = "$argv[1]"
end
${lines.join("\n")}`;
}
