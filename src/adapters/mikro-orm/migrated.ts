/**
 * Called once the schema is up to date, with the names of the migrations that have just run, in order: all of them where
 * the database is new, none where there was nothing to do.
 */
export type OnMigrated = (names: readonly string[]) => void;

export function namesOf(migrations: readonly { readonly name: string }[]): readonly string[] {
  return migrations.map(({ name }) => name);
}
