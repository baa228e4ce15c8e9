import { AzureEmulator, type Scenario } from "../../src/adapters/azure-emulator/index.ts";
import { SpeechSdkProbe } from "../../src/adapters/speech-sdk/index.ts";
import { TranslatorRestProbe } from "../../src/adapters/translator/index.ts";
import type { SpeechProbe, TranslationProbe } from "../../src/domain/index.ts";

export interface Azure {
  readonly emulator: AzureEmulator;
  readonly probes: { readonly speechProbe: SpeechProbe; readonly translationProbe: TranslationProbe };
  /** A new well-formed secret that meets the scenario. */
  secretFor(scenario: Scenario): string;
}

/** The real probes, asking an emulator of Azure. */
export async function openAzure(): Promise<Azure> {
  const emulator = new AzureEmulator();
  const baseUrl = await emulator.start();
  let made = 0;
  return {
    emulator,
    probes: probesOf(baseUrl),
    secretFor: (scenario) => {
      made += 1;
      const secret = `probed${String(made).padStart(26, "0")}`;
      emulator.setScenario(secret, scenario);
      return secret;
    },
  };
}

export function probesOf(baseUrl: string): Azure["probes"] {
  return {
    speechProbe: new SpeechSdkProbe({ baseUrl }),
    translationProbe: new TranslatorRestProbe({ baseUrl }),
  };
}
