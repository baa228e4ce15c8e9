import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What a program of another language may ask of the test that has started it, each by the name of its path. */
export type Controls = Readonly<Record<string, (body: unknown) => unknown>>;

/** Serves them on loopback: `POST /<name>` with JSON, answered with JSON. */
export async function serveControls(
  controls: Controls,
  atTheEnd: (run: () => void) => void,
): Promise<string> {
  const server = createServer(async (request, response) => {
    const act = controls[(request.url ?? "").slice(1)];
    try {
      const answer = act ? await act(await bodyOf(request)) : undefined;
      response.writeHead(act ? 200 : 404).end(JSON.stringify(answer ?? null));
    } catch (error) {
      response.writeHead(500).end(JSON.stringify(String(error)));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atTheEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  const text = Buffer.concat(pieces).toString("utf8");
  return text === "" ? undefined : JSON.parse(text);
}
