import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

/** Networks such as `10.0.0.0/8`, `::1` or `192.168.1.7`. Throws a `TypeError` for what is none. */
export function readNetworks(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits, ...more] = network.split("/");
    const family = isIP(address);
    const longest = family === 6 ? 128 : 32;
    const length = bits === undefined ? longest : Number(bits);
    const isLength = bits === undefined || /^\d{1,3}$/.test(bits);
    if (family === 0 || !isLength || length > longest || more.length > 0) {
      throw new TypeError("A network looks like 10.0.0.0/8 or fd00::/8");
    }
    list.addSubnet(address, length, family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

/**
 * The address that a request comes from: of the connection, or where that is of a trusted proxy, the last address in
 * `X-Forwarded-For` that is not.
 */
export function addressOf({ socket, headers }: IncomingMessage, trusted: BlockList): string {
  let address = plain(socket.remoteAddress ?? "");
  const passed = String(headers["x-forwarded-for"] ?? "").split(",");
  while (passed.length > 0 && trusts(trusted, address)) {
    const before = plain((passed.pop() as string).trim());
    // What a proxy has written ahead of that, nobody can tell.
    if (isIP(before) === 0) break;
    address = before;
  }
  return address;
}

/** Whether the connection itself is of a trusted proxy. */
export function isFromTrusted({ socket }: IncomingMessage, trusted: BlockList): boolean {
  return trusts(trusted, plain(socket.remoteAddress ?? ""));
}

/** What stands for the callers of one address. Who has one IPv6 address has all of its /64. */
export function neighbourhood(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...new Array<string>(Math.max(0, missing)).fill("0"), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

function trusts(trusted: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** An IPv4 address that came over IPv6 as itself, and any without its zone or port. */
function plain(address: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(address) ?? [];
  const [, withPort] = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address) ?? [];
  const [bare = ""] = (bracketed ?? withPort ?? address).split("%");
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}
