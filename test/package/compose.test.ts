import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/bootstrap/index.ts";
import { ROOT } from "./packed.ts";

const COMPOSE = readFileSync(join(ROOT, "compose.yaml"), "utf8");
const SERVICES = new Map(
  (COMPOSE.split(/^services:\n/m)[1] ?? "")
    .split(/^\S/m)[0]
    ?.split(/^ {2}(?=[\w-]+:)/m)
    .slice(1)
    .map((text) => [/^[\w-]+/.exec(text)?.[0] ?? "", text]),
);

/** What every service has. */
const HARDENING = ["read_only: true", "cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]'];

/** The lines that stand under `x-name`, without their indentation. */
function anchorOf(name: string): readonly string[] {
  const [, text = ""] = new RegExp(`^x-${name}: &${name}\\n((?: .*\\n)+)`, "m").exec(COMPOSE) ?? [];
  return text.split("\n").map((line) => line.trim());
}

/** The text of a block that stands in the file under this line, without its indentation. */
function blockAfter(text: string, line: string): string {
  const [, indent = "", block = ""] =
    new RegExp(`${line}\\n( +)([\\s\\S]*?)(?=\\n {0,7}\\S|$)`).exec(text) ?? [];
  // Compose reads two dollar signs as one.
  return block.replaceAll(`\n${indent}`, "\n").replaceAll("$$", "$");
}

describe("compose.yaml", () => {
  it("publishes the balancer's port and no other, on this machine alone", () => {
    const publishing = [...SERVICES].filter(([, text]) => /^ {4}ports:/m.test(text));
    expect(publishing.map(([name]) => name)).toEqual(["balancer"]);
    expect(SERVICES.get("balancer")).toContain('ports: ["127.0.0.1:3000:8080"]');
  });

  it("hardens every service, and gives capabilities to none that stays", () => {
    expect([...SERVICES.keys()]).toEqual(["secrets", "pool-1", "pool-2", "balancer", "postgres", "redis"]);
    for (const line of HARDENING) expect(anchorOf("hardened")).toContain(line);
    expect(anchorOf("instance")).toContain("<<: *hardened");
    for (const [name, text] of SERVICES) {
      expect(text, name).toMatch(/^ {4}<<: \*hardened$|^[\w-]+: \*instance$/m);
      // What stands in the service itself would count for more.
      for (const part of [text, name.startsWith("pool-") ? anchorOf("instance").join("\n") : ""])
        expect(part, name).not.toMatch(/^ +(read_only|cap_drop|security_opt|privileged|pid|ipc|devices):/m);
    }
    const capable = [...SERVICES].filter(([, text]) => /cap_add/.test(text));
    expect(capable.map(([name]) => name)).toEqual(["secrets"]);
    expect(anchorOf("instance").join()).not.toContain("cap_add");
  });

  it("holds no password and takes none from the environment", () => {
    expect(COMPOSE).not.toMatch(/\$\{/);
    expect(COMPOSE).not.toMatch(/PASSWORD: |:\/\/[^\s%]*:[^\s%@]+@/);
  });
});

describe("the passwords of compose.yaml", () => {
  const script = blockAfter(SERVICES.get("secrets") ?? "", "- \\|");

  /**
   * Runs it on folders of a scratch place. Ownership is left out, since it takes a superuser, and so is `sync`.
   */
  function place() {
    const folder = mkdtempSync(join(tmpdir(), "key-pool-compose-"));
    afterAll(() => {
      // The folders let nobody write.
      execFileSync("chmod", ["-R", "u+w", folder]);
      rmSync(folder, { recursive: true });
    });
    for (const name of ["pool", "postgres-secrets", "redis-secrets", "master-key"])
      mkdirSync(join(folder, name));
    const run = () =>
      execFileSync("sh", [
        "-euc",
        `chown() { :; }\nsync() { :; }\n${script.replaceAll("/run/", `${folder}/`)}`,
      ]);
    const read = (file: string) => readFileSync(join(folder, file), "utf8").trim();
    return { folder, run, read };
  }

  const [one, other] = [place(), place()];
  beforeAll(one.run);

  it("are the same on both sides, in URLs that the server takes", () => {
    const { folder, read } = one;
    const databaseUrl = join(folder, "pool/database-url");
    const config = readConfig({
      DATABASE_URL_FILE: databaseUrl,
      REDIS_URL_FILE: join(folder, "pool/redis-url"),
    });
    expect(config.databaseUrl).toBe(
      `postgres://pool:${read("postgres-secrets/password")}@postgres:5432/pool`,
    );
    expect(`requirepass ${new URL(config.redisUrl ?? "").password}`).toBe(read("redis-secrets/redis.conf"));
    expect(statSync(databaseUrl).mode & 0o777).toBe(0o400);
  });

  it("are long, and others at every place", () => {
    other.run();
    for (const file of ["postgres-secrets/password", "redis-secrets/redis.conf", "pool/admin-token"]) {
      expect(one.read(file)).toMatch(/[0-9a-f]{64}$/);
      expect(one.read(file)).not.toBe(other.read(file));
    }
    expect(Buffer.from(one.read("master-key/master.key"), "base64")).toHaveLength(32);
    expect(one.read("master-key/master.key")).not.toBe(other.read("master-key/master.key"));
  });

  it("stay what they are at the next start, and are completed where one is lacking", () => {
    const { folder, run, read } = one;
    const before = [read("pool/redis-url"), read("master-key/master.key")];
    execFileSync("chmod", ["-R", "u+w", folder]);
    rmSync(join(folder, "pool/redis-url"));
    run();
    expect([read("pool/redis-url"), read("master-key/master.key")]).toEqual(before);
  });
});
