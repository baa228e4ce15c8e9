import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What the receiver does with one message. */
export type Reaction = { readonly status: number; readonly body?: string } | "hang up" | "say nothing";

/** Takes messages on a loopback port and reacts to each as it was told; 200 when it was told nothing. */
export async function openReceiver(...reactions: Reaction[]) {
  // biome-ignore lint/suspicious/noExplicitAny: a message is what the tests look at, field by field
  const received: any[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk) => chunks.push(chunk));
    req.on("end", () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString()));
      const reaction = reactions.shift() ?? { status: 200 };
      if (reaction === "hang up") req.socket.destroy();
      else if (reaction !== "say nothing") {
        res.writeHead(reaction.status, { location: "http://127.0.0.1:1/" });
        res.end(reaction.body ?? "ok");
      }
      for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3cret-path`,
    received,
    /** Resolves when so many messages have come. */
    got: async (count: number) => {
      while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
      return received;
    },
  };
}
