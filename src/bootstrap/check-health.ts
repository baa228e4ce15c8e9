// The health check of the image: ends with 0 when the server beside it, on PORT of this machine, says that it can work.
import { readFileSync } from "node:fs";
import { request as requestOverTls } from "node:https";

// Importing it would load all of `fetch`, and half of what this program takes goes there.
const { request: requestPlain } = process.getBuiltinModule("node:http");

const { PORT: port = "3000", TLS_CERT: certFile } = process.env;
const asked = { host: "127.0.0.1", port, path: "/api/health" };

const request = certFile
  ? requestOverTls({
      ...asked,
      // The server has to show the certificate it was given, whoever signed that and whatever name is on it.
      ca: readFileSync(certFile),
      allowPartialTrustChain: true,
      checkServerIdentity: () => undefined,
    })
  : requestPlain(asked);
request.on("response", ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1));
request.on("error", ({ message }) => {
  console.error(message);
  process.exit(1);
});
request.end();
