const SOVEREIGN_SUFFIXES = [
  { prefix: "china", suffix: "azure.cn" },
  { prefix: "usgov", suffix: "azure.us" },
] as const;

/**
 * Where a region's Speech WebSockets are, as scheme and host: a path would be dropped by the SDK.
 * The region must have passed `parseRegion`, as it becomes part of the host name.
 */
export function speechHost(kind: "stt" | "tts", region: string, baseUrl: string | null): string {
  if (baseUrl === null) {
    const cloud = SOVEREIGN_SUFFIXES.find(({ prefix }) => region.startsWith(prefix));
    return `wss://${region}.${kind}.speech.${cloud?.suffix ?? "microsoft.com"}`;
  }
  const { protocol, host } = new URL(baseUrl);
  return `${protocol === "https:" || protocol === "wss:" ? "wss" : "ws"}://${host}`;
}

/** Throws a TypeError for a base URL that `speechHost` could not use whole. */
export function checkBaseUrl(baseUrl: string): void {
  const { protocol, pathname, search, hash, username, password } = new URL(baseUrl);
  const extras = [pathname.replace(/^\/$/, ""), search, hash, username, password].join("");
  if (!/^(https?|wss?):$/.test(protocol) || extras !== "") {
    throw new TypeError("the Speech base URL must be http(s) or ws(s) with a host and a port only");
  }
}
