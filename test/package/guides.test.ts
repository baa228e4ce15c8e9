import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { STATUS_OF } from "../../src/adapters/http/server/failure-codes.ts";
import { DEFAULT_SETTINGS, judge, phase, type Standing } from "../../src/domain/index.ts";
import { blocksOf, reasonNotToRun, untranslated } from "./guides/blocks.ts";
import { GUIDES } from "./guides/programs.ts";
import { ROOT } from "./packed.ts";

const translationOf = (page: string) => page.replace(/\.md$/, ".zh-CN.md");
const read = (page: string) => readFileSync(join(ROOT, page), "utf8");

/** The headings as a link names them. */
function anchorsOf(page: string): readonly string[] {
  const headings = Array.from(read(page).matchAll(/^#+ (.+)$/gm), ([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

it("every page has its translation, and the index of its language names it", () => {
  const pages = globSync("docs/*.md", { cwd: ROOT }).map((page) => page.slice("docs/".length));
  for (const page of pages.filter((page) => !/zh-CN|^README|^architecture/.test(page))) {
    expect(read("docs/README.md"), page).toContain(`](${page})`);
    expect(read("docs/README.zh-CN.md"), page).toContain(`](${translationOf(page)})`);
  }
});

describe.each(GUIDES)("%s", (page) => {
  it("has the blocks of its translation", () => {
    expect(blocksOf(translationOf(page)).map(untranslated)).toEqual(blocksOf(page).map(untranslated));
  });

  it("has the headings of its translation, one for one", () => {
    const levels = (path: string) =>
      Array.from(
        read(path)
          .replaceAll(/^```[\s\S]*?^```$/gm, "")
          .matchAll(/^(#+) /gm),
        ([, level]) => level,
      );
    expect(levels(translationOf(page))).toEqual(levels(page));
  });

  it.each([page, translationOf(page)])("%s links to headings that there are", (path) => {
    for (const [, target = "", anchor] of read(path).matchAll(/\]\(([\w./-]*)#([^)]+)\)/g)) {
      const file = target === "" ? path : join(dirname(path), target);
      expect(anchorsOf(file), `${target}#${anchor}`).toContain(anchor);
    }
  });
});

it("says why a block is not run, of no more than these", () => {
  const reasons = GUIDES.flatMap((page) => blocksOf(page).map(reasonNotToRun)).filter(Boolean);
  expect(reasons).toEqual(NOT_RUN);
});

const NOT_RUN = [
  "installs from a registry; test/package/install.test.ts does that with the packed package",
  "builds and starts containers; test/package/compose.test.ts reads compose.yaml",
];

describe.each(["docs/api-guide.md", "docs/api-guide.zh-CN.md"])("%s", (page) => {
  it("lists every error code with its status", () => {
    const rows = Array.from(read(page).matchAll(/^\| `([a-z_]+)` \| (\d{3}) \| .+ \|$/gm));
    const listed = Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]));
    expect(listed).toEqual(STATUS_OF);
  });
});

it.each(["docs/concepts.md", "docs/concepts.zh-CN.md"])(
  "%s draws what a report does as the rules do",
  (page) => {
    const diagram = blocksOf(page).find(({ language }) => language === "mermaid")?.code ?? "";
    const edges = Array.from(diagram.matchAll(/^\s*(\w+) --> (\w+) *: *(.*)$/gm));
    const drawn = edges
      .filter(([, , , label]) => label?.includes("codes"))
      .map(([, from, to]) => `${from} ${to}`);
    const now = 1_000_000;
    const enabled = { status: "enabled", generation: 0 } as const;
    const standings: readonly Standing[] = [
      { ...enabled, cooldownUntil: 0, protectedUntil: 0 },
      { ...enabled, cooldownUntil: now + 1, protectedUntil: now + 2 },
      { ...enabled, cooldownUntil: now - 1, protectedUntil: now + 1 },
      {
        ...enabled,
        status: "disabled",
        disabledBy: "person",
        disabledAt: 1,
        cooldownUntil: 0,
        protectedUntil: 0,
      },
    ];
    const done = standings.flatMap((standing) =>
      [200, 401, 429, 500]
        .map((code) => judge(standing, code, DEFAULT_SETTINGS, now).standing)
        .filter((after) => after !== standing)
        .map((after) => `${phase(standing, now)} ${phase(after, now)}`),
    );
    expect(drawn.toSorted()).toEqual(done.toSorted());
  },
);
