import { computed, signal } from "@preact/signals";

const hash = signal(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
});

export interface Route {
  /** Such as `["keys", "speech", "12"]`; empty at the start page. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Where in the page we are, read from what follows `#` in the address. */
export const route = computed<Route>(() => {
  const [path = "", query = ""] = hash.value.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
});

export function linkTo(
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, String(value));
  return `#/${path}${parameters.size === 0 ? "" : `?${parameters}`}`;
}

/** Changes parts of the query in place; nothing to go back to for each letter of a search. */
export function refine(changes: Readonly<Record<string, string | number | undefined>>): void {
  const { path, query } = route.value;
  const link = linkTo(path.join("/"), { ...Object.fromEntries(query), ...changes });
  history.replaceState(null, "", link);
  hash.value = link;
}

export function goTo(link: string): void {
  location.hash = link;
}
