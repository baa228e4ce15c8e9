import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// The anchor: the least a Node server can do to answer these bytes. A body is read and parsed.
const { headers, body } = JSON.parse(process.env.ANSWER ?? "{}") as { headers: string[]; body: string };

const server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
  if (req.method === "GET") {
    res.writeHead(200, headers);
    res.end(body);
    return;
  }
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    const report = JSON.parse(Buffer.concat(chunks).toString());
    res.writeHead(report.key ? 200 : 400, headers);
    res.end(body);
  });
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});
