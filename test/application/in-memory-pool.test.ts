import { describeKeyPool } from "../../src/testing/key-pool.ts";
import { describeKeyPoolModel } from "../contracts/key-pool-model.ts";
import { rounds } from "../situations/long-run.ts";
import { inMemoryStorage } from "../situations/storages.ts";

describeKeyPool("in-memory adapters", inMemoryStorage);
describeKeyPoolModel("in-memory adapters", inMemoryStorage, rounds(60, 20_000));
