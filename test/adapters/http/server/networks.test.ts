import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { addressOf, neighbourhood, readNetworks } from "../../../../src/adapters/http/server/networks.ts";

const TRUSTED = readNetworks(["10.0.0.0/8", "fd00::/8", "192.168.1.7"]);

const from = (remoteAddress: string, forwarded?: string) =>
  addressOf(
    { socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } } as unknown as IncomingMessage,
    TRUSTED,
  );

describe("the address of a caller", () => {
  it("is that of the connection, whatever a stranger says", () => {
    expect(from("1.2.3.4", "9.9.9.9")).toBe("1.2.3.4");
    expect(from("192.168.1.8", "9.9.9.9")).toBe("192.168.1.8");
    expect(from("10.0.0.1")).toBe("10.0.0.1");
  });

  it("is the last one that no trusted proxy has, where one passes the request on", () => {
    expect(from("10.0.0.1", "9.9.9.9")).toBe("9.9.9.9");
    expect(from("10.0.0.1", "6.6.6.6, 9.9.9.9, 10.0.0.2")).toBe("9.9.9.9");
    expect(from("fd00::1", "2001:db8::1")).toBe("2001:db8::1");
    expect(from("::ffff:10.0.0.1", "[2001:db8::1]:443, 192.168.1.7:80")).toBe("2001:db8::1");
    expect(from("10.0.0.1", "10.0.0.9")).toBe("10.0.0.9");
  });

  it("goes no further back than what can be read", () => {
    expect(from("10.0.0.1", "9.9.9.9, nonsense")).toBe("10.0.0.1");
    expect(from("10.0.0.1", "")).toBe("10.0.0.1");
  });
});

it.each([
  ["1.2.3.4", "1.2.3.4"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
])("%s counts as %s", (address, expected) => {
  expect(neighbourhood(address)).toBe(expected);
});

it.each(["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "fd00::/129", "loopback", "10.0.0"])(
  "%j is no network",
  (text) => {
    expect(() => readNetworks([text])).toThrow(TypeError);
  },
);
