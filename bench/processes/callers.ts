import { CONNECTIONS } from "../load/load-tool.ts";

/** Does it for each number from 1 to `count`, by as many callers at once as the load over HTTP has connections. */
export async function byCallers(count: number, act: (n: number) => Promise<unknown>): Promise<void> {
  let last = 0;
  const caller = async () => {
    while (last < count) await act(++last);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, caller));
}
