import { describe, expect, it } from "vitest";
import { SpeechSdkProbe } from "../../../src/adapters/speech-sdk/index.ts";
import { speechHost } from "../../../src/adapters/speech-sdk/speech-host.ts";

describe("speech host", () => {
  it.each([
    ["stt", "eastasia", "wss://eastasia.stt.speech.microsoft.com"],
    ["tts", "westus2", "wss://westus2.tts.speech.microsoft.com"],
    ["stt", "chinaeast2", "wss://chinaeast2.stt.speech.azure.cn"],
    ["tts", "chinanorth2", "wss://chinanorth2.tts.speech.azure.cn"],
    ["tts", "chinanorth3", "wss://chinanorth3.tts.speech.azure.cn"],
    ["stt", "usgovvirginia", "wss://usgovvirginia.stt.speech.azure.us"],
    ["tts", "usgovarizona", "wss://usgovarizona.tts.speech.azure.us"],
  ] as const)("%s in %s", (kind, region, host) => {
    expect(speechHost(kind, region, null)).toBe(host);
  });

  it.each([
    ["http://127.0.0.1:4000", "ws://127.0.0.1:4000"],
    ["ws://127.0.0.1:4000/", "ws://127.0.0.1:4000"],
    ["https://speech.example", "wss://speech.example"],
  ])("is one base URL for every region: %s", (baseUrl, host) => {
    expect(speechHost("stt", "chinaeast2", baseUrl)).toBe(host);
  });

  it.each([
    "http://127.0.0.1:4000/gateway",
    "http://user:pass@host",
    "http://host/?a=1",
    "ftp://host",
    "host",
  ])("refuses a base URL that would not be used whole: %s", (baseUrl) => {
    expect(() => new SpeechSdkProbe({ baseUrl })).toThrow(TypeError);
  });
});
