import { TranslatorRestProbe } from "../../../src/adapters/translator/index.ts";

const [baseUrl = "", ...orders] = process.argv.slice(2);
const probe = new TranslatorRestProbe({ baseUrl });

/** An order is a key and the probe's deadline. */
function ask(order: string) {
  const [secret = "", deadlineMs] = order.split(" ");
  return probe.translate({ secret, region: "global" }, { text: "Hello.", to: "de" }, Number(deadlineMs));
}

// No process.exit: whatever a probe left open keeps this process, and fails the test.
const outcomes = await Promise.all(orders.map(ask));
process.stdout.write(JSON.stringify(outcomes.map(({ verdict }) => verdict.code)));
