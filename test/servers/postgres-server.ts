import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MikroORM } from "@mikro-orm/postgresql";
import { type Found, freePort, required } from "./found.ts";

/** Names the folder of data that a server of a test's own begins with: making them takes a second of the processor. */
export const UNUSED_DATA = "POSTGRES_UNUSED_DATA";

const LOCAL_URL = "postgres://postgres@127.0.0.1:5432/postgres";

/** A server that a test may use, with databases of its own in it. */
export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** `POSTGRES_URL` if set, else a private server, else the one on this machine. */
export async function findPostgres(): Promise<Found<PostgresServer>> {
  const url = process.env.POSTGRES_URL;
  if (url !== undefined) return { server: { url, stop: async () => {} } };
  const own = await PrivatePostgres.start();
  if ("server" in own) return own;
  try {
    await execute(LOCAL_URL, "select 1");
    return { server: { url: LOCAL_URL, stop: async () => {} } };
  } catch {
    return required({
      missing: `${own.missing}, POSTGRES_URL is not set, and none answers at 127.0.0.1:5432`,
    });
  }
}

/** Runs one statement on a connection of its own. */
export async function execute(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const orm = await connect(url);
  try {
    return await orm.em.execute(sql);
  } finally {
    await orm.close(true);
  }
}

function connect(url: string, more: object = {}): Promise<MikroORM> {
  const driverOptions = { connectionString: url, connectionTimeoutMillis: 60_000, ...more };
  const options = { clientUrl: url, entities: [], discovery: { warnWhenNoEntities: false }, driverOptions };
  return MikroORM.init({ ...options, logger: () => {} });
}

/**
 * A connection to make and remove databases on. It is kept for the next ones, since a server has more work with a new
 * connection than with either; it keeps no process alive.
 */
class Administrator {
  static readonly #all = new Map<string, Promise<Administrator>>();
  readonly #orm: MikroORM;
  /** Copies the files of a database, which takes the server a tenth of copying it page by page. Since version 15. */
  readonly #strategy: string;

  private constructor(orm: MikroORM, strategy: string) {
    this.#orm = orm;
    this.#strategy = strategy;
  }

  static of({ url }: PostgresServer): Promise<Administrator> {
    const known = Administrator.#all.get(url);
    if (known !== undefined) return known;
    const fresh = Administrator.#connected(url);
    Administrator.#all.set(url, fresh);
    fresh.catch(() => Administrator.#all.delete(url));
    return fresh;
  }

  static async leave({ url }: PostgresServer): Promise<void> {
    const known = await Administrator.#all.get(url);
    Administrator.#all.delete(url);
    if (known !== undefined) await known.#orm.close(true);
  }

  static async #connected(url: string): Promise<Administrator> {
    const orm = await connect(url, { max: 1, idleTimeoutMillis: 0, allowExitOnIdle: true });
    const [version] = await orm.em.execute("select current_setting('server_version_num')::int as number");
    return new Administrator(orm, version?.number >= 150_000 ? " strategy file_copy" : "");
  }

  async create(name: string, template: string | undefined): Promise<void> {
    const like = template === undefined ? "" : ` template ${template}`;
    await this.#orm.em.execute(`create database ${name}${like}${this.#strategy}`);
  }

  async drop(name: string): Promise<void> {
    await this.#orm.em.execute(`drop database ${name} with (force)`);
  }
}

/**
 * Makes a database with a name of its own and answers its URL; `drop` removes it. It is empty, or a copy of the one at
 * `template`, which nobody may have open.
 */
export async function freshDatabase(
  server: PostgresServer,
  template?: string,
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `key_pool_test_${randomBytes(6).toString("hex")}`;
  const administrator = await Administrator.of(server);
  await administrator.create(name, template && new URL(template).pathname.slice(1));
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administrator.drop(name) };
}

/** The account that runs the server; the one of the tests, if empty. */
interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** A server of the test's own, which it may stop, freeze and start again. */
export class PrivatePostgres implements PostgresServer {
  readonly url: string;
  readonly #binaries: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #user: Account;
  #settings: readonly string[] = [];
  #log = "";
  #process: ChildProcess | undefined;

  private constructor(binaries: string, folder: string, port: number, user: Account) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.#port = port;
    this.#user = user;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** `settings` such as `log_statement=all`. */
  static async start(
    settings: readonly string[] = [],
    { keepsUnused = false } = {},
  ): Promise<Found<PrivatePostgres>> {
    const binaries = findBinaries();
    if (binaries === undefined) return { missing: "No PostgreSQL server is installed" };
    const user: Account | undefined = process.getuid?.() === 0 ? postgresUser() : {};
    if (user === undefined)
      return { missing: "PostgreSQL does not run as root, and there is no user postgres" };
    const folder = mkdtempSync(join(tmpdir(), "key-pool-postgres-"));
    if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
    const server = new PrivatePostgres(binaries, folder, await freePort(), user);
    const unused = process.env[UNUSED_DATA];
    if (unused === undefined) {
      const data = ["-D", server.dataFolder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"];
      execFileSync(join(binaries, "initdb"), data, { ...user, cwd: folder, stdio: "ignore" });
    } else copy(unused, server.dataFolder);
    if (keepsUnused) copy(server.dataFolder, server.unusedDataFolder);
    server.#settings = settings;
    await server.resume();
    return { server };
  }

  /** A copy of its data as they were before it used them; there with `keepsUnused` only. */
  get unusedDataFolder(): string {
    return join(this.#folder, "unused");
  }

  /** Where its data are. */
  get dataFolder(): string {
    return join(this.#folder, "data");
  }

  /** What it has logged. */
  get log(): string {
    return this.#log;
  }

  /** A database as SQL text. */
  dump(url: string): Buffer {
    const options = { ...this.#user, cwd: this.#folder, maxBuffer: 2 ** 28 };
    return execFileSync(join(this.#binaries, "pg_dump"), [url], options);
  }

  /** Starts it again after `halt`. */
  async resume(): Promise<void> {
    const settings = [
      "listen_addresses=127.0.0.1",
      `port=${this.#port}`,
      `unix_socket_directories=${this.#folder}`,
      // None of them outlives its run.
      "fsync=off",
      "full_page_writes=off",
      "autovacuum=off",
      "wal_level=minimal",
      "max_wal_senders=0",
      ...this.#settings,
    ];
    const parameters = ["-D", join(this.#folder, "data"), ...settings.flatMap((setting) => ["-c", setting])];
    const started = spawn(join(this.#binaries, "postgres"), parameters, {
      ...this.#user,
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = started;
    await new Promise<void>((resolve, reject) => {
      let output = "";
      started.stderr.on("data", (chunk) => {
        output += chunk;
        this.#log += chunk;
        if (output.includes("ready to accept connections")) resolve();
      });
      started.on("error", reject);
      started.on("exit", () => reject(new Error(`PostgreSQL does not start: ${output}`)));
    });
  }

  /** Ends it at once, connections and all. */
  async halt(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = once(running, "exit");
    running.kill("SIGQUIT");
    await gone;
  }

  async stop(): Promise<void> {
    try {
      await Administrator.leave(this);
    } finally {
      await this.halt();
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }
}

/** With owners and modes. */
function copy(folder: string, to: string): void {
  execFileSync("cp", ["-a", folder, to]);
}

function findBinaries(): string | undefined {
  const packaged = "/usr/lib/postgresql";
  const versions = existsSync(packaged) ? readdirSync(packaged).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((v) => join(packaged, v, "bin")), ...(process.env.PATH ?? "").split(":")];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

function postgresUser(): Account | undefined {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { stdio: "pipe" }).toString());
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}
