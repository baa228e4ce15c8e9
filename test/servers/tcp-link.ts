import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy to a server on this machine, which a test can cut, silence and mend. */
export class TcpLink {
  readonly url: string;
  readonly #target: number;
  readonly #server: Server;
  readonly #ends = new Set<Socket>();
  #isCut = false;
  #isSilent = false;
  #joined = 0;
  #turnedAway = 0;

  private constructor(target: URL, server: Server) {
    this.#target = Number(target.port);
    this.#server = server;
    const own = new URL(target);
    own.port = String((server.address() as { port: number }).port);
    this.url = own.href;
    server.on("connection", (near) => this.#join(near));
  }

  static async to(url: string): Promise<TcpLink> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpLink(new URL(url), server);
  }

  /** Ends all connections; new ones end at once. */
  cut(): void {
    this.#isCut = true;
    for (const end of this.#ends) end.destroy();
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#ends.size / 2;
  }

  /** Connections made so far. */
  get joined(): number {
    return this.#joined;
  }

  /** Connections that were asked for, those that ended at once included. */
  get asked(): number {
    return this.#joined + this.#turnedAway;
  }

  /**
   * Connections stay open, but drop everything sent in either direction for ever. New ones work; with `newToo` they
   * are silent as well, until `mend`.
   */
  silence(options: { readonly newToo?: boolean } = {}): void {
    this.#isSilent = options.newToo ?? false;
    for (const end of this.#ends) swallow(end);
  }

  mend(): void {
    this.#isCut = false;
    this.#isSilent = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      this.#turnedAway++;
      near.destroy();
      return;
    }
    this.#joined++;
    const far = connect(this.#target, "127.0.0.1");
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#ends.add(end);
      end.setNoDelay(true);
      // A broken end closes, and takes the other one with it.
      end.on("error", () => {});
      end.on("close", () => {
        this.#ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
      if (this.#isSilent) swallow(end);
    }
  }
}

function swallow(end: Socket): void {
  end.unpipe();
  end.resume();
}
