import { Migration } from "@mikro-orm/migrations";

/** Tokens of callers. `code` is over all the other columns but `last_used`. */
export class TokensTable extends Migration {
  override up(): void {
    this.addSql(`create table tokens (
      id text not null primary key,
      name text not null,
      role text not null,
      scope text not null,
      hash text not null,
      created_at bigint not null,
      expires_at bigint not null,
      last_used bigint null,
      code text not null
    )`);
  }
}
