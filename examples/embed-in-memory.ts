// The pool inside another program, without other packages or servers. In this repository, without a build:
// node --conditions=azure-key-pool:source examples/embed-in-memory.ts
import { createKeyPool } from "azure-key-pool";
import { createInMemoryPorts } from "azure-key-pool/in-memory";

const pool = createKeyPool(createInMemoryPorts());
await pool.start();
await pool.addKey.execute({ service: "speech", secret: "made-up-key-one", region: "eastasia", name: "one" });
await pool.addKey.execute({ service: "speech", secret: "made-up-key-two", region: "eastasia", name: "two" });

for (const azureAnswers of [200, 429, 429]) {
  const turn = await pool.handOutKey.execute({ service: "speech", region: "eastasia" });
  if (turn.status !== "handed-out") break;
  const { secret, service, name } = turn.key;
  const { action } = await pool.reportCode.execute({ service, secret, code: azureAnswers });
  console.log(`key ${name} got ${azureAnswers}: ${action}`);
}
const { status } = await pool.handOutKey.execute({ service: "speech", region: "eastasia" });
console.log(`next: ${status}`);
await pool.stop();
