import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { en } from "../../../src/adapters/dashboard/page/text/en.ts";
import { zh } from "../../../src/adapters/dashboard/page/text/zh.ts";

const PAGE = resolve(import.meta.dirname, "../../../src/adapters/dashboard/page");
const COMPONENTS = globSync("**/*.tsx", { cwd: PAGE }).sort();

/** What a person reads or hears. */
const SPOKEN = new Set([
  "title",
  "placeholder",
  "alt",
  "label",
  "lead",
  "hint",
  "aria-label",
  "aria-description",
]);
const LETTER = /\p{L}/u;

/** All of the page but the texts themselves. */
const CODE = globSync("**/*.{ts,tsx}", { cwd: PAGE })
  .filter((path) => !/^text[/\\](en|zh)\.ts$/.test(path))
  .map((path) => readFileSync(join(PAGE, path), "utf8"));

/**
 * Texts whose name no file mentions that speaks of their group, such as `app`. In a group within one, texts may be taken
 * by a word of the domain: `actions[action]`.
 */
function unusedTexts(texts: object, code: readonly string[]): readonly string[] {
  return Object.entries(texts).flatMap(([group, parts]) => {
    const speaking = code.filter((file) => mentions(file, group));
    const isUsed = (name: string) => speaking.some((file) => mentions(file, name));
    if (typeof parts !== "object") return isUsed(group) ? [] : [group];
    const isIndexed = code.some((file) => new RegExp(`\\b${group}\\[`).test(file));
    const unused = Object.keys(parts).filter((name) => !isUsed(name) && !isIndexed);
    return unused.map((name) => `${group}.${name}`);
  });
}

function mentions(code: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(code);
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

/** Texts that stand in a component itself, where no other language can have them. */
function literalTexts(code: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, name, value, children } = node as Node & {
      readonly name?: { readonly name?: unknown };
      readonly value?: unknown;
      readonly children?: readonly Node[];
    };
    if (type === "JSXText" && LETTER.test(String(value))) found.push(String(value).trim());
    if (type === "JSXAttribute" && SPOKEN.has(String(name?.name))) found.push(...stringsIn(value));
    for (const child of children ?? []) {
      if (child.type === "JSXExpressionContainer") found.push(...stringsIn(child));
    }
    for (const part of Object.values(node)) visit(part);
  };
  visit(parseSync("component.tsx", code, { lang: "tsx" }).program);
  return found;
}

/** Texts that an expression gives as they are: alone, or as one of two. */
function stringsIn(node: unknown): readonly string[] {
  if (typeof node !== "object" || node === null) return [];
  const { type, value, expression, consequent, alternate, right } = node as Readonly<Record<string, unknown>>;
  if (type === "Literal") return typeof value === "string" && LETTER.test(value) ? [value] : [];
  if (type === "JSXExpressionContainer") return stringsIn(expression);
  if (type === "ConditionalExpression") return [...stringsIn(consequent), ...stringsIn(alternate)];
  return type === "LogicalExpression" ? stringsIn(right) : [];
}

describe("the texts of the dashboard", () => {
  it("finds what is not translated", () => {
    const code =
      '<p title="Why">Hello {isIt ? "yes" : ok} <i aria-label={"x"} class="big">{t.value.no}</i> · 1</p>;';
    expect(literalTexts(code).toSorted()).toEqual(["Hello", "Why", "x", "yes"]);
  });

  it.each(COMPONENTS)("%s has none of its own", (path) => {
    expect(literalTexts(readFileSync(join(PAGE, path), "utf8"))).toEqual([]);
  });

  it("are found out where nothing uses them", () => {
    const texts = { app: { close: "", open: "" }, services: { speech: "" }, name: "" };
    const code = ["const { close } = t.value.app;", "const { services } = t.value; services[key]; open;"];
    expect(unusedTexts(texts, code)).toEqual(["app.open", "name"]);
  });

  it("are all used", () => {
    expect(unusedTexts(en, CODE)).toEqual([]);
  });

  it("are translated: none is empty, and Chinese ones are Chinese", () => {
    const same = ["2xx", "429", "–"];
    const compare = (one: unknown, other: unknown, path: string): void => {
      if (typeof one === "string") {
        expect(other, path).not.toBe("");
        if (!same.includes(one)) expect(other, path).toMatch(/\p{Script=Han}/u);
        return;
      }
      expect(typeof other, path).toBe(typeof one);
      if (typeof one !== "object") return;
      for (const [name, part] of Object.entries(one as object)) {
        compare(part, (other as Record<string, unknown>)[name], `${path}.${name}`);
      }
    };
    compare(en, zh, "texts");
  });
});
