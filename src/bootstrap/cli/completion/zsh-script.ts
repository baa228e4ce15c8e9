import type { Completions } from "./completions.ts";
import { quoted } from "./quoted.ts";

export function zshScript(all: readonly Completions[]): string {
  const cases = all.map(({ path, commands, options, words }) => {
    const described = commands.map(({ name, description }) => quoted(`${name}:${description}`));
    const specs = options.flatMap(({ flags, description, takesValue, values }) =>
      flags.map((flag) => {
        const value = takesValue ? `:value:${values.length > 0 ? `(${values.join(" ")})` : "_files"}` : "";
        return quoted(`${flag}[${description.replaceAll(/[[\]\\:]/g, "\\$&")}]${value}`);
      }),
    );
    const rest = words.length > 0 ? `'*:argument:(${words.join(" ")})'` : "'*:file:_files'";
    const argument = commands.length > 0 ? `'1:command:->commands' '*::rest:'` : rest;
    return `    "${path.join(" ")}")
      commands=(${described.join(" ")})
      _arguments -s -S ${specs.join(" ")} ${argument}
      ;;`;
  });
  const paths = all.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(" ")}"`);
  return `#compdef azure-key-pool
_azure_key_pool() {
  local path_of="" word next state seen=0 depth=0
  local -a commands
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
    (( seen += 1 ))
    next="\${path_of:+$path_of }$word"
    case "$next" in
      ${paths.join("|")}) path_of="$next"; depth=$seen ;;
    esac
  done
  shift $depth words
  (( CURRENT -= depth ))
  case "$path_of" in
${cases.join("\n")}
  esac
  if [[ $state == commands ]]; then _describe command commands; fi
}
_azure_key_pool "$@"`;
}
