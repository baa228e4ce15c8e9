import { describeKeyPool } from "../../src/testing/key-pool.ts";
import { describeKeyPoolModel } from "../contracts/key-pool-model.ts";
import { inMemoryStorage } from "../situations/storages.ts";

describeKeyPool("in-memory adapters", inMemoryStorage);
describeKeyPoolModel("in-memory adapters", inMemoryStorage, process.env.LONG ? 20_000 : 300);
