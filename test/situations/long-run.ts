/** Whether `LONG` asks for the runs that take minutes. Read here only. */
export const isLongRun: boolean = Boolean(process.env.LONG);

/** How often something is repeated in a short run and in a long one. */
export function rounds(short: number, long: number): number {
  return isLongRun ? long : short;
}
