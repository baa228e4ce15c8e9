import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const WHERE = ["--no-defaults", "--host=127.0.0.1", "--user=root", "--connect-timeout=5"];

/** Why there is no MySQL or MariaDB for a test; undefined where there is one. */
export function findMySql(): string | undefined {
  const { error, status } = spawnSync("mysql", [...WHERE, "--execute=select 1"]);
  if (error) return "there is no command mysql";
  return status === 0 ? undefined : "no MySQL answers at 127.0.0.1:3306 to root without a password";
}

/** The predecessor's tables, as its API shows their columns; the home's option file says where they are. */
export function oldPool(home: string): { readonly name: string; drop(): void } {
  const name = `guide_${randomBytes(6).toString("hex")}`;
  const run = (sql: string) => execFileSync("mysql", WHERE, { input: sql });
  const columns =
    "id int primary key auto_increment, `key` varchar(255), region varchar(50), keyname varchar(255), tag varchar(50), status varchar(20)";
  const speech = [
    ["11112222333344445555666677778888", "eastasia", 'East, "one"', "batch", "enabled"],
    ["22223333444455556666777788889999", "westus2", "West", null, "cooldown"],
    ["33334444555566667777888899990000", "eastasia", "Gone", null, "disabled"],
  ];
  const values = speech.map(
    (row) => `(${row.map((value) => (value === null ? "null" : `'${value}'`)).join(",")})`,
  );
  run(
    `create database ${name}; use ${name};
     create table azure_keys (${columns});
     insert into azure_keys (\`key\`, region, keyname, tag, status) values ${values.join(",")};`,
  );
  writeFileSync(join(home, ".my.cnf"), "[client]\nhost=127.0.0.1\nuser=root\n");
  return {
    name,
    drop: () => {
      run(`drop database ${name}`);
    },
  };
}
