import { createInMemoryPorts, InMemoryDatabase } from "../../src/adapters/in-memory/index.ts";
import { describeKeyPool } from "../contracts/key-pool.ts";

describeKeyPool("in-memory adapters", async () => {
  const database = new InMemoryDatabase();
  return {
    open: async (clock) => createInMemoryPorts(clock, database),
    stop: async () => {},
    destroy: async () => {},
  };
});
