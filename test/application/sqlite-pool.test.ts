import { describeKeyPool } from "../../src/testing/key-pool.ts";
import { describeKeyPoolModel } from "../contracts/key-pool-model.ts";
import { sqliteStorage } from "../situations/storages.ts";

describeKeyPool("a SQLite file", sqliteStorage);
describeKeyPoolModel("a SQLite file", sqliteStorage, process.env.LONG ? 1_000 : 5);
