import { Migration } from "@mikro-orm/migrations";

/** Who acted. Nullable and without a default, so that no row of a long log is written anew. */
export class LogActor extends Migration {
  override up(): void {
    this.addSql("alter table logs add column actor text null");
  }
}
