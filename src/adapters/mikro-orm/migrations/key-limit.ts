import { Migration } from "@mikro-orm/migrations";

/** How many leases of a key may run at a time; null, as of every key that was there before, for any number. */
export class KeyLimit extends Migration {
  override up(): void {
    this.addSql("alter table keys add column max_in_flight integer null");
  }
}
