import { createClient } from "redis";
import { clockFinding } from "./check-database.ts";
import { type Finding, fault, good, messageOf } from "./finding.ts";

const CONNECT_TIMEOUT_MS = 3_000;

export async function checkRedis(url: string): Promise<readonly Finding[]> {
  const client = createClient({
    url,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: false,
    },
  });
  // What goes wrong is thrown as well.
  client.on("error", () => {});
  try {
    await client.connect();
    const [seconds = 0, micros = 0] = (await client.sendCommand<string[]>(["TIME"])).map(Number);
    const apartMs = seconds * 1000 + micros / 1000 - Date.now();
    return [good("Redis answers"), clockFinding("Redis", apartMs)];
  } catch (error) {
    const advice = "is REDIS_URL right? Without Redis each instance goes on alone";
    return [fault(`Redis does not answer: ${messageOf(error)}`, advice)];
  } finally {
    client.destroy();
  }
}
