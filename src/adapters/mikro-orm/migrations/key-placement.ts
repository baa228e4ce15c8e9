import { Migration } from "@mikro-orm/migrations";

/** Counts the places that a key has been given. */
export class KeyPlacement extends Migration {
  override up(): void {
    this.addSql("alter table keys add column placement integer not null default 0");
  }
}
