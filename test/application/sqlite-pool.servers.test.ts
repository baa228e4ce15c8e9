import { describeKeyPool } from "../../src/testing/key-pool.ts";
import { describeKeyPoolModel } from "../contracts/key-pool-model.ts";
import { rounds } from "../situations/long-run.ts";
import { sqliteStorage } from "../situations/storages.ts";

describeKeyPool("a SQLite file", sqliteStorage);
describeKeyPoolModel("a SQLite file", sqliteStorage, rounds(3, 1_000));
