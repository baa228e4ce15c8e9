import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, createCluster } from "redis";
import { type Found, freePort, required } from "./found.ts";

const LOCAL_URL = "redis://127.0.0.1:6379";

/** A server that a test may use, under a prefix of its own. */
export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** `REDIS_URL` if set, else a private server, else the one on this machine. */
export async function findRedis(): Promise<Found<RedisServer>> {
  const url = process.env.REDIS_URL;
  if (url !== undefined) return { server: { url, stop: async () => {} } };
  const own = await startPrivate();
  if ("server" in own) return own;
  try {
    const client = await connect(LOCAL_URL);
    await client.close();
    return { server: { url: LOCAL_URL, stop: async () => {} } };
  } catch {
    return required<RedisServer>({
      missing: `${own.missing}, REDIS_URL is not set, and none answers at 127.0.0.1:6379`,
    });
  }
}

export interface PrivateRedisOptions {
  /** A cluster of one node that owns every slot. */
  readonly cluster?: boolean;
  /** Wanted of every client. */
  readonly password?: string;
  /** Speaks TLS only, with a certificate of its own for 127.0.0.1. */
  readonly tls?: boolean;
}

/** A server of the test's own, or the reason why there is none. */
export async function findPrivateRedis(options: PrivateRedisOptions = {}) {
  return required(await startPrivate(options));
}

/** A client that gives up on the first fault, as tests want it. */
export async function connect(url: string, options: { readonly RESP?: 2 | 3 } = {}) {
  const client = createClient({ url, ...options, socket: { reconnectStrategy: false } });
  client.on("error", () => {});
  return await client.connect();
}

export type Client = Awaited<ReturnType<typeof connect>>;

export async function connectCluster(url: string) {
  const cluster = createCluster({ rootNodes: [{ url }] });
  cluster.on("error", () => {});
  return await cluster.connect();
}

/** Resolves when the server's clock shows this instant. */
export async function reach(client: Client, instant: number): Promise<void> {
  for (;;) {
    const [seconds, micros] = (await client.sendCommand(["TIME"])) as unknown as [string, string];
    const remaining = instant - (Number(seconds) * 1000 + Math.floor(Number(micros) / 1000));
    if (remaining <= 0) return;
    // Asking without a pause would take the processor from all others.
    await new Promise((resolve) => setTimeout(resolve, remaining));
  }
}

/** An unused prefix; `clean` removes what is under it. */
export function freshPrefix(client: Client): { prefix: string; clean(): Promise<void> } {
  const prefix = `key-pool-test-${randomBytes(6).toString("hex")}:`;
  const clean = async () => {
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
      if (keys.length > 0) await client.unlink(keys);
    }
  };
  return { prefix, clean };
}

/** A server of the test's own, which it may freeze, kill and start again. */
export class PrivateRedis implements RedisServer {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #options: PrivateRedisOptions;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, options: PrivateRedisOptions) {
    this.#folder = folder;
    this.#port = port;
    this.#options = options;
    const user = options.password === undefined ? "" : `:${options.password}@`;
    this.url = `${options.tls ? "rediss" : "redis"}://${user}127.0.0.1:${port}`;
  }

  static async start(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
    const folder = mkdtempSync(join(tmpdir(), "key-pool-redis-"));
    const server = new PrivateRedis(folder, await freePort(), options);
    try {
      if (options.tls) makeCertificate(folder);
      await server.restart();
      if (options.cluster) await server.#takeAllSlots();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Its certificate, and so the authority that a client has to know. */
  get certificate(): string {
    return join(this.#folder, "certificate.pem");
  }

  /** Writes all that it holds into a file, uncompressed, and answers where. */
  async save(): Promise<string> {
    const client = await connect(this.url);
    await client.sendCommand(["CONFIG", "SET", "rdbcompression", "no"]);
    await client.sendCommand(["SAVE"]);
    await client.close();
    return join(this.#folder, "dump.rdb");
  }

  /** Starts it again, empty, at the same address. */
  async restart(): Promise<void> {
    await this.kill();
    const { cluster, password, tls } = this.#options;
    const options = ["--bind", "127.0.0.1", "--dir", this.#folder, "--save", ""];
    options.push(...(tls ? tlsOptions(this.#folder, this.#port) : ["--port", `${this.#port}`]));
    if (cluster) options.push("--cluster-enabled", "yes", "--cluster-port", `${await freePort()}`);
    if (password !== undefined) options.push("--requirepass", password);
    const started = spawn("redis-server", options, { stdio: ["ignore", "pipe", "ignore"] });
    this.#process = started;
    // A test run that is aborted must not leave it behind.
    const killOnExit = () => started.kill("SIGKILL");
    process.once("exit", killOnExit);
    started.once("exit", () => process.off("exit", killOnExit));
    await new Promise<void>((resolve, reject) => {
      let output = "";
      started.stdout.on("data", (chunk) => {
        output += chunk;
        if (output.includes("Ready to accept connections")) resolve();
      });
      started.on("error", reject);
      started.on("exit", () => reject(new Error(`Redis does not start: ${output}`)));
    });
  }

  /** From now on it keeps its connections and answers nothing. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  /** Ends it at once, connections and all. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, "exit");
    running.kill("SIGKILL");
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #takeAllSlots(): Promise<void> {
    const client = await connect(this.url);
    await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    while (!String(await client.sendCommand(["CLUSTER", "INFO"])).includes("cluster_state:ok"));
    await client.close();
  }
}

function makeCertificate(folder: string): void {
  const subject = ["-subj", "/CN=key-pool-test", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "certificate.pem")];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...key, ...subject, ...files], { stdio: "pipe" });
}

function tlsOptions(folder: string, port: number): readonly string[] {
  const certificate = join(folder, "certificate.pem");
  return [
    ...["--port", "0", "--tls-port", `${port}`, "--tls-auth-clients", "no"],
    ...["--tls-cert-file", certificate, "--tls-key-file", join(folder, "key.pem")],
    ...["--tls-ca-cert-file", certificate],
  ];
}

async function startPrivate(options: PrivateRedisOptions = {}): Promise<Found<PrivateRedis>> {
  try {
    return { server: await PrivateRedis.start(options) };
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { missing: `No ${path} is installed` };
    if (options.tls && /Bad directive|SSL|TLS/.test(message))
      return { missing: "This redis-server has no TLS" };
    throw error;
  }
}
