export type SqlValue = string | number | null;

/** A row as the driver answers it, by column name. */
export type Row = Readonly<Record<string, SqlValue>>;
