import { TranslatorRestProbe } from "../../../src/adapters/translator/index.ts";

const [baseUrl = "", ...secrets] = process.argv.slice(2);
const probe = new TranslatorRestProbe({ baseUrl });
const ask = (secret: string) =>
  probe.translate({ secret, region: "global" }, { text: "Hello.", to: "de" }, 300);

// No process.exit: whatever a probe left open keeps this process, and fails the test.
const outcomes = await Promise.all(secrets.map(ask));
process.stdout.write(JSON.stringify(outcomes.map(({ verdict }) => verdict.code)));
