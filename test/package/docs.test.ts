import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { createHttpApp, listen } from "../../src/adapters/http/index.ts";
import { createInMemoryPorts, SystemClock } from "../../src/adapters/in-memory/index.ts";
import { createKeyPool } from "../../src/application/index.ts";
import { KNOWN_SETTINGS } from "../../src/domain/index.ts";
import { MANIFEST, ROOT } from "./packed.ts";

const READMES = ["README.md", "README.zh-CN.md"];
const DOCUMENTS = [
  ...globSync("*.md", { cwd: ROOT }),
  ...globSync("{docs,src,examples,clients}/**/*.md", { cwd: ROOT }),
];
const FILES = [
  ...globSync("{src,test,bench,docs,examples}/**/*.*", { cwd: ROOT }),
  ...globSync("*.*", { cwd: ROOT }),
];

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The blocks of code in one language, in order; "" for those that name none. */
function blocksOf(path: string, language: string): readonly string[] {
  const blocks = Array.from(read(path).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm));
  return blocks.filter(([, named]) => named === language).map(([, , code = ""]) => code);
}

function block(path: string, language: string, holding: string): string {
  const found = blocksOf(path, language).filter((code) => code.includes(holding));
  expect(found, `${path} has one block with ${holding}`).toHaveLength(1);
  return found[0] as string;
}

function spansOf(text: string): readonly string[] {
  return Array.from(
    text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g),
    ([, span = ""]) => span,
  );
}

/** The rows of the table that begins with this row, as their cells. */
function tableUnder(path: string, header: string): readonly (readonly string[])[] {
  const text = read(path);
  const start = text.indexOf(header);
  expect(start, `${path} has the table ${header}`).toBeGreaterThan(-1);
  const lines = text.slice(start).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end).map((line) =>
    line
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

/** What a path in running text means: a file or folder that ends so, wherever it is. */
function filesNamed(span: string): readonly string[] {
  const isFolder = span.endsWith("/");
  return FILES.filter((file) =>
    isFolder ? `/${file}`.includes(`/${span}`) : `/${file}`.endsWith(`/${span}`),
  );
}

describe.each(DOCUMENTS)("%s", (path) => {
  it("links to what is there", () => {
    for (const [, target = ""] of read(path).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      expect(existsSync(join(ROOT, dirname(path), target)), target).toBe(true);
    }
  });

  it("names scripts that there are", () => {
    for (const [, name = ""] of read(path).matchAll(/npm run ([\w:-]+)/g)) {
      expect(Object.keys(MANIFEST.scripts), name).toContain(name);
    }
  });
});

describe.each(["docs/architecture.md", "CONTRIBUTING.md", ...globSync("docs/decisions/*.md", { cwd: ROOT })])(
  "%s",
  (path) => {
    const paths = spansOf(read(path)).filter((span) => /^\w[\w./-]*(\.(ts|mjs|md|json)|\w\/)$/.test(span));

    it("names no file that is not there, nor one of many of that name", () => {
      // Every folder may have an index.
      for (const span of paths.filter((span) => !span.endsWith("/") && span !== "index.ts")) {
        const found = filesNamed(span);
        const sources = found.filter((file) => file.startsWith("src/"));
        const meant = found.includes(span) ? [span] : sources.length > 0 ? sources : found;
        expect(meant, span).toHaveLength(1);
      }
    });

    it("names no folder that is not there", () => {
      // A name of a folder that there must not be is written with "no" before it.
      const unwanted = Array.from(
        read(path).matchAll(/no `(\w+\/)`(?: or `(\w+\/)`)?/g),
        ([, ...names]) => names,
      );
      for (const span of paths.filter((span) => span.endsWith("/") && !unwanted.flat().includes(span))) {
        expect(filesNamed(span), span).not.toEqual([]);
      }
    });
  },
);

describe("docs/architecture.md", () => {
  const path = "docs/architecture.md";

  it("shows the folders of src two levels deep, and the API's", () => {
    const lines = block(path, "", "src/\n").split("\n");
    const shown: string[] = [];
    const above: string[] = [];
    for (const line of lines) {
      const [, indent = "", names = ""] = /^( *)((?:[\w-]+\/\s*)+)/.exec(line) ?? [];
      for (const name of names.split(/\s+/).filter(Boolean)) {
        above.length = indent.length / 2;
        shown.push(`${above.join("")}${name}`);
        above.push(name);
      }
    }
    const folders = globSync("src/{*,*/*,adapters/http/*}", { cwd: ROOT })
      .filter((folder) => statSync(join(ROOT, folder)).isDirectory())
      // Folders inside other adapters and inside subjects are their own business.
      .map((folder) => `${folder}/`);
    expect(shown.toSorted()).toEqual(["src/", ...folders].toSorted());
  });

  it("names for each invariant tests that bear its number", () => {
    const rows = tableUnder(path, "| | | tested in |");
    expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 10 }, (_, index) => `I${index + 1}`));
    for (const [number, , tests = ""] of rows) {
      const named = spansOf(tests).filter((span) => span.includes("/"));
      expect(named, number).not.toEqual([]);
      for (const span of named) {
        const bearing = filesNamed(span).filter((file) => new RegExp(`\\b${number}\\b`).test(read(file)));
        expect(bearing, `${span} bears ${number}`).not.toEqual([]);
      }
    }
  });

  it("says of every file behind the keyring what it does", () => {
    const named = tableUnder(path, "| file behind the door | does |").flatMap(([file = ""]) => spansOf(file));
    const files = globSync("*.ts", { cwd: join(ROOT, "src/application/keyring") });
    expect(named.toSorted()).toEqual(files.filter((file) => file !== "keyring.ts").toSorted());
  });
});

describe.each(READMES)("%s", (path) => {
  it("begins with the commands that start and test it", () => {
    const [first = ""] = blocksOf(path, "sh");
    expect(first.split("\n").map((line) => line.replace(/\s*#.*/, ""))).toEqual([
      "npm ci && npm start",
      "npm ci && npm test",
      "",
    ]);
  });

  it("has the code of the other language", () => {
    const codeOf = (readme: string) =>
      ["sh", "ts"].map((language) =>
        blocksOf(readme, language).map((code) => code.replaceAll(/\s*# .*/g, "")),
      );
    expect(codeOf(path)).toEqual(codeOf("README.md"));
  });

  it("shows what the API answers", async () => {
    await using api = await openApi();
    const commands = block(path, "sh", "/keys/1/enable").trim().split("\n");
    const answers = block(path, "", '{"success":true').trim().split("\n");
    expect(commands).toHaveLength(answers.length);
    for (const [index, command] of commands.entries()) {
      expect((await api.run(command)).text).toMatch(pattern(answers[index] as string));
    }
  });
});

it("README.md, whose code all languages have, embeds a pool that works and ends by itself", () => {
  const code = block("README.md", "ts", "createKeyPool(");
  expect(runInPackage(`${code}console.log(turn.status);`)).toBe("handed-out");
});

describe.each(["docs/configuration.md", "docs/configuration.zh-CN.md"])("%s", (path) => {
  it("lists every setting with its default", () => {
    const rows = tableUnder(
      path,
      path === "docs/configuration.md" ? "| setting | default |" : "| 配置键 | 默认值 |",
    );
    const listed = rows.map(([name = "", value = ""]) => [name.replaceAll("`", ""), value]);
    const known = KNOWN_SETTINGS.map(({ name, defaultValue }) => [name, defaultValue]);
    expect(listed.toSorted()).toEqual(known.toSorted());
  });

  it("lists every variable of the environment", () => {
    const rows = tableUnder(
      path,
      path === "docs/configuration.md" ? "| variable | default |" : "| 变量 | 默认值 |",
    );
    const listed = rows.flatMap(([names = ""]) => spansOf(names));
    const known = Array.from(
      read("src/bootstrap/config.ts").matchAll(/read(Secret)?\(\s*"([A-Z_]+)"/g),
      ([, secret, name]) => (secret ? [name, `${name}_FILE`] : [name]),
    ).flat();
    // These two are read apart from the others.
    known.push("MASTER_KEY", "MASTER_KEY_FILE");
    expect(listed.toSorted()).toEqual(known.toSorted());
  });
});

it.each(["docs/embedding.md", "docs/embedding.zh-CN.md"])("%s names every subpath of the package", (path) => {
  for (const name of Object.keys(MANIFEST.exports)) expect(spansOf(read(path))).toContain(name);
});

it("SECURITY.md names for each attacker tests that there are", () => {
  const rows = tableUnder("SECURITY.md", "| who | has | gets | shown by |");
  for (const [who = "", , , shown = ""] of rows) {
    const tests = spansOf(shown).map((span) => `test/${span}.test.ts`);
    expect({ who, missing: tests.filter((test) => !FILES.includes(test)) }).toEqual({ who, missing: [] });
    // Nothing keeps these from anything.
    if (!who.startsWith("root")) expect({ who, tests }).not.toEqual({ who, tests: [] });
    // What is told to a neighbour of the server is shown by a test that starts such a neighbour.
    const [, neighbour = ""] = /^who reads (PostgreSQL|Redis)/.exec(who) ?? [];
    const started = { PostgreSQL: "PrivatePostgres", Redis: "PrivateRedis" }[neighbour];
    if (started) expect(tests.map(read).join(), who).toContain(started);
  }
});

it("docs/writing-an-adapter.md runs the server on an adapter of one's own", () => {
  const folder = mkdtempSync(join(tmpdir(), "own-adapter-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const code = block("docs/writing-an-adapter.md", "ts", "startServer(").replace(
    "./keys.json",
    join(folder, "keys.json"),
  );
  const use = `
    const sent = { method: "POST", headers: { "content-type": "application/json" } };
    const body = JSON.stringify({ key: "00112233445566778899aabbccddeeff", region: "eastasia" });
    await fetch(server.url + "/api/keys", { ...sent, body });
    await server.stop();`;
  runInPackage(code + use, { PORT: "0" });
  expect(readFileSync(join(folder, "keys.json"), "utf8")).toContain("eastasia");
});

/** Runs a program that imports the package by its name, and answers what it prints. */
function runInPackage(code: string, env: Readonly<Record<string, string>> = {}): string {
  const options = ["--conditions=azure-key-pool:source", "--input-type=module-typescript", "--eval", code];
  return execFileSync(process.execPath, options, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: "utf8",
  }).trim();
}

/** The API on in-memory adapters, with an Azure that takes every key, for commands as a reader types them. */
async function openApi() {
  const clock = new SystemClock();
  const verdict = { code: 200, source: "service", reason: "" } as const;
  const pool = createKeyPool({
    ...createInMemoryPorts(clock),
    speechProbe: {
      synthesize: async () => ({ verdict, audioSize: 1 }),
      recognize: async () => ({ verdict, transcription: "", recognitionStatus: null, rawResponse: null }),
    },
  });
  await pool.start();
  const app = createHttpApp({ pool, clock, log: pino({ level: "silent" }), version: "1" });
  const server = await listen(app);
  return {
    run: async (command: string) => {
      const words = Array.from(
        command.matchAll(/'([^']*)'|(\S+)/g),
        ([, quoted, bare]) => quoted ?? bare ?? "",
      );
      const after = (option: string) => words[words.indexOf(option) + 1] as string;
      const url = words.find((word) => word.startsWith("localhost:3000")) as string;
      const response = await fetch(url.replace("localhost:3000", server.url), {
        method: words.includes("-X") ? after("-X") : "GET",
        ...(words.includes("-d") && {
          body: after("-d"),
          headers: { "content-type": after("-H").replace("Content-Type: ", "") },
        }),
      });
      return { status: response.status, text: await response.text() };
    },
    [Symbol.asyncDispose]: async () => {
      await pool.stop(server.close());
    },
  };
}

/** What is shown, with anything in place of each "…". */
function pattern(shown: string): RegExp {
  return new RegExp(
    `^${shown
      .split("…")
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"))
      .join(".*")}$`,
  );
}

describe("the tour of the dashboard", () => {
  const shownBy = (path: string) =>
    Array.from(read(path).matchAll(/"(pictures\/[^"]+)"/g), ([, picture = ""]) => `docs/${picture}`);

  it("shows all pictures that there are, in two languages, light and dark", () => {
    const shown = ["docs/dashboard.md", "docs/dashboard.zh-CN.md"].flatMap(shownBy);
    expect(shown.toSorted()).toEqual(globSync("docs/pictures/*", { cwd: ROOT }).toSorted());
  });

  it("takes less than 2.5 MB", () => {
    const sizes = shownBy("docs/dashboard.md").map((picture) => statSync(join(ROOT, picture)).size);
    expect(2 * sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_500_000);
  });
});
