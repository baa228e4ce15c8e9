import { Migration } from "@mikro-orm/migrations";

/**
 * Room for sealed secrets beside plain ones, and how far a database is with sealing them (`secrets/stage.ts`). The
 * column `secret` goes when all are sealed.
 */
export class Sealing extends Migration {
  override up(): void {
    this.addSql(`create table sealing (
      id integer not null primary key check (id = 1),
      database_id text not null,
      envelope text null,
      stage text not null
    )`);
    this.addSql("alter table keys add column fingerprint text null");
    this.addSql("alter table keys add column sealed text null");
    // The service is inside the fingerprint.
    this.addSql("create unique index keys_fingerprint on keys (fingerprint)");
  }
}
