import { describe, expect, it } from "vitest";
import { TranslatorRestProbe } from "../../../src/adapters/translator/index.ts";
import { translatorUrl } from "../../../src/adapters/translator/translator-url.ts";

const ASKED = { text: "Hello.", to: "de" };

describe("translator URL", () => {
  it.each([
    ["global", "https://api.cognitive.microsofttranslator.com/translate?api-version=3.0&to=de"],
    ["eastasia", "https://api.cognitive.microsofttranslator.com/translate?api-version=3.0&to=de"],
    ["chinanorth", "https://api.translator.azure.cn/translate?api-version=3.0&to=de"],
    ["chinaeast2", "https://api.translator.azure.cn/translate?api-version=3.0&to=de"],
    ["usgovvirginia", "https://api.cognitive.microsofttranslator.us/translate?api-version=3.0&to=de"],
    ["usgovarizona", "https://api.cognitive.microsofttranslator.us/translate?api-version=3.0&to=de"],
  ])("of %s", (region, url) => {
    expect(translatorUrl(region, ASKED, null).href).toBe(url);
  });

  it("names the source language when it is given", () => {
    const { searchParams } = translatorUrl("global", { ...ASKED, from: "en" }, null);
    expect(searchParams.get("from")).toBe("en");
  });

  it("takes languages for values and nothing else", () => {
    const url = translatorUrl("global", { text: "", from: "en&x=1#", to: "de&to=fr" }, null);
    expect(url.searchParams.getAll("to")).toEqual(["de&to=fr"]);
    expect(url.searchParams.has("x")).toBe(false);
    expect(url.hash).toBe("");
  });

  it("is one base URL for every region, path included", () => {
    const url = translatorUrl("chinanorth", ASKED, "http://127.0.0.1:4000/translator/text/v3.0/");
    expect(url.href).toBe("http://127.0.0.1:4000/translator/text/v3.0/translate?api-version=3.0&to=de");
  });

  it.each(["ws://127.0.0.1", "file:///tmp", "nonsense"])("refuses the base URL %s", (baseUrl) => {
    expect(() => new TranslatorRestProbe({ baseUrl })).toThrow(TypeError);
  });
});
