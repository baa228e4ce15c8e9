import { isIPv4 } from "node:net";

/** Whether a `Host` is a name or an address of this machine's loopback, with any port or none. */
export function isLoopbackHost(host: string): boolean {
  const [, name = ""] = /^(\[[^\]]*\]|[^:[\]]*)(?::\d{1,5})?$/.exec(host) ?? [];
  return isLoopback(name.startsWith("[") ? name.slice(1, -1) : name);
}

/** Whether a name or an address, without a port, is of this machine's loopback. */
export function isLoopback(name: string): boolean {
  const plain = name.toLowerCase();
  return (
    plain === "localhost" ||
    plain === "localhost." ||
    plain === "::1" ||
    (isIPv4(plain) && plain.startsWith("127."))
  );
}
