/** Which database a URL names. `name` is the URL as it may be shown: without user, password and parameters. */
export type DatabaseUrl =
  | { readonly kind: "sqlite"; readonly path: string; readonly name: string }
  /** Gone with the process. */
  | { readonly kind: "memory"; readonly name: string }
  | { readonly kind: "postgres"; readonly url: string; readonly name: string };

/**
 * Reads `sqlite:./data/keys.db` (relative or absolute), `sqlite::memory:` or `postgres://…`. Throws a
 * `TypeError` for anything else, which does not repeat the URL: it may hold a password.
 */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  if (url.startsWith("sqlite:")) return sqliteUrl(url);
  if (/^postgres(ql)?:\/\/./.test(url)) return postgresUrl(url);
  throw new TypeError('A database URL begins with "sqlite:" or "postgres://"');
}

function sqliteUrl(url: string): DatabaseUrl {
  // `sqlite:///data/keys.db` means `/data/keys.db`.
  const path = url.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "");
  if (path === "") throw new TypeError("A SQLite URL needs a path, such as sqlite:./data/keys.db");
  return path === ":memory:" ? { kind: "memory", name: url } : { kind: "sqlite", path, name: url };
}

function postgresUrl(url: string): DatabaseUrl {
  const parsed = URL.parse(url);
  if (parsed === null)
    throw new TypeError("A PostgreSQL URL looks like postgres://user:password@host:5432/name");
  return { kind: "postgres", url, name: `${parsed.protocol}//${parsed.host}${parsed.pathname}` };
}
