import { InMemoryNews } from "../../../src/adapters/in-memory/index.ts";
import { describeNews } from "../../../src/testing/news.ts";

describeNews("in memory", async () => {
  const news = new InMemoryNews();
  return { news, other: news, close: async () => {} };
});
