import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig, removeSecrets, SECRET_VARIABLES } from "../../src/bootstrap/config.ts";
import { PoolServer } from "../servers/pool-server.ts";
import { scratchFolder } from "./servers.ts";

const DEFAULTS = {
  host: "127.0.0.1",
  port: 3000,
  databaseUrl: "sqlite:./data/keys.db",
  synchronous: "normal",
  masterKey: {
    kind: "own-file",
    folder: expect.stringMatching(/\/\.config\/azure-key-pool$/),
  },
  redisUrl: undefined,
  reconcileMs: 5_000,
  startTimeoutMs: 60_000,
  adminToken: undefined,
  allowOpen: false,
  trustProxy: [],
  corsOrigins: [],
  tls: undefined,
  logLevel: "info",
  azureSpeechUrl: undefined,
  azureTranslatorUrl: undefined,
  webhookUrl: undefined,
  webhookFormat: "json",
  webhookLowPool: 1,
};

const BAD = {
  HOST: "not a host",
  PORT: "65536",
  DATABASE_URL: "mysql://root:hunter2@db/keys",
  DATABASE_SYNCHRONOUS: "hunter2",
  REDIS_URL: "http://:hunter2@redis",
  RECONCILE_INTERVAL_SECONDS: "hunter2",
  START_TIMEOUT_SECONDS: "0",
  ADMIN_TOKEN: "hunter2",
  ALLOW_OPEN: "hunter2",
  TRUST_PROXY: "hunter2",
  CORS_ORIGINS: "https://hunter2/path",
  LOG_LEVEL: "hunter2",
  AZURE_SPEECH_URL: "ftp://hunter2",
  AZURE_TRANSLATOR_URL: "hunter2",
  WEBHOOK_URL: "http://hooks.example/hunter2",
  WEBHOOK_FORMAT: "hunter2",
  WEBHOOK_LOW_POOL: "hunter2",
};

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
}

describe("the environment", () => {
  it("has a default for everything", () => {
    expect(readConfig({})).toEqual(DEFAULTS);
  });

  it("takes a certificate with its key only", () => {
    const [TLS_CERT, TLS_KEY] = ["/tls/cert.pem", "/tls/key.pem"];
    expect(readConfig({ TLS_CERT, TLS_KEY }).tls).toEqual({ certFile: TLS_CERT, keyFile: TLS_KEY });
    expect(problemsOf({ TLS_CERT })).toEqual(["TLS_CERT, TLS_KEY: must be set together"]);
    expect(problemsOf({ TLS_KEY })).toEqual(["TLS_CERT, TLS_KEY: must be set together"]);
  });

  it("takes what is empty for what is missing", () => {
    const empty = Object.fromEntries(Object.keys(BAD).map((name) => [name, " "]));
    expect(readConfig(empty)).toEqual(DEFAULTS);
  });

  it.each([
    ["HOST", "::1", "host", "::1"],
    ["HOST", "pool.example.org", "host", "pool.example.org"],
    ["PORT", "0", "port", 0],
    ["PORT", " 65535 ", "port", 65_535],
    ["DATABASE_URL", "sqlite:/var/lib/keys.db", "databaseUrl", "sqlite:/var/lib/keys.db"],
    ["DATABASE_URL", "sqlite::memory:", "databaseUrl", "sqlite::memory:"],
    ["DATABASE_URL", "postgres://pool@db/keys", "databaseUrl", "postgres://pool@db/keys"],
    ["DATABASE_URL", "postgresql://db/keys", "databaseUrl", "postgresql://db/keys"],
    ["DATABASE_SYNCHRONOUS", "full", "synchronous", "full"],
    ["REDIS_URL", "redis://:word@redis:6379/2", "redisUrl", "redis://:word@redis:6379/2"],
    ["REDIS_URL", "rediss://redis", "redisUrl", "rediss://redis"],
    ["RECONCILE_INTERVAL_SECONDS", "1", "reconcileMs", 1_000],
    ["START_TIMEOUT_SECONDS", "9999", "startTimeoutMs", 9_999_000],
    ["ADMIN_TOKEN", "x".repeat(32), "adminToken", "x".repeat(32)],
    ["WEBHOOK_URL", "https://hooks.example/x?y=z", "webhookUrl", "https://hooks.example/x?y=z"],
    ["WEBHOOK_URL", "http://127.0.0.1:9/x", "webhookUrl", "http://127.0.0.1:9/x"],
    ["WEBHOOK_FORMAT", "feishu", "webhookFormat", "feishu"],
    ["WEBHOOK_LOW_POOL", "0", "webhookLowPool", 0],
    ["ALLOW_OPEN", "1", "allowOpen", true],
    ["ALLOW_OPEN", "0", "allowOpen", false],
    ["CORS_ORIGINS", "https://a.test, http://b.test:8", "corsOrigins", ["https://a.test", "http://b.test:8"]],
    ["TRUST_PROXY", "10.0.0.0/8, ::1", "trustProxy", ["10.0.0.0/8", "::1"]],
    ["LOG_LEVEL", "silent", "logLevel", "silent"],
    ["AZURE_SPEECH_URL", "http://127.0.0.1:8080", "azureSpeechUrl", "http://127.0.0.1:8080"],
    ["AZURE_SPEECH_URL", "ws://[::1]:8080", "azureSpeechUrl", "ws://[::1]:8080"],
    ["AZURE_TRANSLATOR_URL", "http://localhost:8080", "azureTranslatorUrl", "http://localhost:8080"],
    ["AZURE_TRANSLATOR_URL", "https://azure.test", "azureTranslatorUrl", "https://azure.test"],
  ])("takes %s=%s", (name, value, field, expected) => {
    expect(readConfig({ [name]: value })).toEqual({ ...DEFAULTS, [field]: expected });
  });

  it.each([
    ["HOST", "a/b"],
    ["PORT", "-1"],
    ["PORT", "3e3"],
    ["PORT", "80.5"],
    ["PORT", "http"],
    ["DATABASE_URL", "sqlite:"],
    ["DATABASE_URL", "postgres://"],
    ["DATABASE_URL", "./data/keys.db"],
    ["DATABASE_SYNCHRONOUS", "off"],
    ["REDIS_URL", "127.0.0.1:6379"],
    ["RECONCILE_INTERVAL_SECONDS", "0.5"],
    ["START_TIMEOUT_SECONDS", "10000"],
    ["START_TIMEOUT_SECONDS", "1m"],
    ["ADMIN_TOKEN", "x".repeat(31)],
    ["WEBHOOK_URL", "https://user:word@hooks.example/x"],
    ["WEBHOOK_URL", "wss://hooks.example/x"],
    ["WEBHOOK_LOW_POOL", "-1"],
    ["ADMIN_TOKEN", `${"x".repeat(32)} y`],
    ["ALLOW_OPEN", "yes"],
    ["TRUST_PROXY", "10.0.0.0/33"],
    ["LOG_LEVEL", "verbose"],
    ["AZURE_SPEECH_URL", "eastasia.tts.speech.microsoft.com"],
    ["AZURE_TRANSLATOR_URL", "file:///etc/passwd"],
    // In clear, to a place that is not this machine.
    ["AZURE_SPEECH_URL", "http://azure.test"],
    ["AZURE_SPEECH_URL", "ws://10.0.0.1:8080"],
    ["AZURE_TRANSLATOR_URL", "http://127.0.0.1.azure.test"],
    ["AZURE_TRANSLATOR_URL", "http://localhost@azure.test"],
  ])("refuses %s=%s by its name", (name, value) => {
    const [problem, ...more] = problemsOf({ [name]: value });
    expect(problem).toMatch(new RegExp(`^${name}: must be `));
    expect(more).toEqual([]);
  });

  it("names all variables with bad values at once, and repeats no value", () => {
    const problems = problemsOf(BAD);
    expect(problems.map((problem) => problem.split(":")[0])).toEqual(Object.keys(BAD));
    expect(problems.join()).not.toContain("hunter2");
  });
});

const GIVEN = {
  DATABASE_URL: "postgres://pool:hunter2@db/keys",
  REDIS_URL: "redis://:hunter2@redis",
  ADMIN_TOKEN: "hunter2".repeat(5),
  WEBHOOK_URL: "https://hooks.example/hunter2",
};

describe.each(SECRET_VARIABLES)("%s in a file", (name) => {
  const fieldOf = {
    DATABASE_URL: "databaseUrl",
    REDIS_URL: "redisUrl",
    ADMIN_TOKEN: "adminToken",
    WEBHOOK_URL: "webhookUrl",
  } as const;
  const fileOf = (content: string) => {
    const file = join(scratchFolder(), "secret");
    writeFileSync(file, content);
    return file;
  };

  it.each(["", "\n", "\r\n"])("is taken without a newline %j at its end", (end) => {
    const config = readConfig({ [`${name}_FILE`]: fileOf(GIVEN[name] + end) });
    expect(config[fieldOf[name]]).toBe(GIVEN[name]);
  });

  it("is refused beside the variable itself", () => {
    const both = { [name]: GIVEN[name], [`${name}_FILE`]: fileOf(GIVEN[name]) };
    expect(problemsOf(both)).toEqual([`${name}: must not be set together with ${name}_FILE`]);
  });

  it("must be there, hold something, and hold what the variable would", () => {
    const problem = (file: string) => problemsOf({ [`${name}_FILE`]: file });
    expect(problem(join(scratchFolder(), "hunter2"))).toEqual([
      `${name}_FILE: the file cannot be read (ENOENT)`,
    ]);
    expect(problem(fileOf("\n"))).toEqual([`${name}_FILE: the file is empty`]);
    const [bad = ""] = problem(fileOf("mysql://:hunter2@db"));
    expect(bad).toMatch(new RegExp(`^${name}_FILE: must be a file that holds `));
    expect(bad).not.toContain("hunter2");
  });
});

it("secrets are taken out of the environment once they are read", () => {
  const environment = { ...GIVEN, PORT: "3000" };
  removeSecrets(environment);
  expect(environment).toEqual({ PORT: "3000" });
});

describe("a server with a bad environment", () => {
  it("says all that is bad and ends before anything opens", async () => {
    const folder = scratchFolder();
    const { DATABASE_URL: _, ...others } = BAD;
    const { code, output } = await PoolServer.refused({ cwd: folder, env: others });
    expect(code).toBe(1);
    for (const name of Object.keys(others)) expect(output).toContain(`  ${name}: must be`);
    expect(output).not.toMatch(/hunter2|^ +at /m);
    expect(readdirSync(folder)).toEqual([]);
  });
});
