import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Answer = (asked: IncomingMessage, response: ServerResponse) => boolean;

/** A server that passes requests on to another one, but for those that it answers itself. */
export class PassingOn {
  readonly url: string;
  readonly #server: Server;
  /** The paths that were asked for. */
  readonly paths: readonly string[];

  private constructor(server: Server, paths: readonly string[]) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#server = server;
    this.paths = paths;
  }

  static async to(target: string, answer: Answer = () => false): Promise<PassingOn> {
    const paths: string[] = [];
    const server = createServer((asked, response) => {
      paths.push(asked.url ?? "");
      if (answer(asked, response)) return;
      const { method = "GET", headers } = asked;
      const further = request(`${target}${asked.url}`, { method, headers }, (answered) => {
        response.writeHead(answered.statusCode ?? 502, answered.headers);
        response.flushHeaders();
        answered.pipe(response);
        answered.on("error", () => response.destroy());
      });
      further.on("error", () => response.destroy());
      response.on("close", () => further.destroy());
      asked.pipe(further);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return new PassingOn(server, paths);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
