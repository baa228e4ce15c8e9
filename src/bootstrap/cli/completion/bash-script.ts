import type { Completions } from "./completions.ts";

/** Words of a command line up to the cursor decide; what takes any value completes to files. */
export function bashScript(all: readonly Completions[]): string {
  const values = all.flatMap(({ path, options }) =>
    options.flatMap(({ flags, takesValue, values }) =>
      takesValue
        ? flags.map((flag) => `    "${[...path, flag].join(" ")}") values="${values.join(" ")}"; takes=1 ;;`)
        : [],
    ),
  );
  const words = all.map(
    ({ path, commands, options, words }) =>
      `    "${path.join(" ")}") words="${[...commands.map(({ name }) => name), ...words].join(" ")}"; options="${options.flatMap(({ flags }) => flags).join(" ")}" ;;`,
  );
  const paths = all.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(" ")}"`);
  return `# bash completion of azure-key-pool
_azure_key_pool() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" word next words="" options="" values="" takes=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in
      ${paths.join("|")}) path="$next" ;;
    esac
  done
  case "\${path:+$path }$previous" in
${values.join("\n")}
  esac
  if [[ -n $takes ]]; then
    if [[ -n $values ]]; then COMPREPLY=($(compgen -W "$values" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi
    return
  fi
  case "$path" in
${words.join("\n")}
  esac
  if [[ $current == -* ]]; then words="$options"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -z $words ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -F _azure_key_pool azure-key-pool`;
}
