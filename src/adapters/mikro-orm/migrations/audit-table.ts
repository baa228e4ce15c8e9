import { Migration } from "@mikro-orm/migrations";

/**
 * What people did. `code` is over all the other columns, `previous` is the code of the row before. The one row of
 * `audit_head` is the last one that was written; whoever writes the next one locks it.
 */
export class AuditTable extends Migration {
  override up(): void {
    this.addSql(`create table audit (
      sequence bigint not null primary key,
      created_at bigint not null,
      actor_id text not null,
      actor_name text not null,
      actor_role text null,
      address text null,
      request_id text null,
      act text not null,
      subject text not null,
      value_before text null,
      value_after text null,
      failure text null,
      previous text not null,
      code text not null
    )`);
    this.addSql(`create table audit_head (
      id integer not null primary key,
      sequence bigint not null,
      code text not null
    )`);
    this.addSql("insert into audit_head (id, sequence, code) values (1, 0, '')");
  }
}
