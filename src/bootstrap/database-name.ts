/** A database's URL as it may be shown: without user, password and parameters. */
export function databaseName(url: string): string {
  if (url.startsWith("sqlite:")) return url;
  const { protocol = "postgres:", host = "", pathname = "" } = URL.parse(url) ?? {};
  return `${protocol}//${host}${pathname}`;
}
