import { execFile, execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createPlain, type RequestListener, type Server } from "node:http";
import { createServer as createOverTls } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { scratchFolder, serveHere } from "./servers.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl && process.env.CI === "true") throw new Error("openssl is needed to make certificates");

/** Runs what the image runs; answers its exit code. */
async function check(port: string | number, certFile?: string): Promise<number | null> {
  const dockerfile = readFileSync(`${ROOT}Dockerfile`, "utf8");
  const [, command = ""] = /^HEALTHCHECK[^[]*CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  const [, ...args] = JSON.parse(command) as string[];
  const env = { PORT: String(port), ...(certFile && { TLS_CERT: certFile }) };
  const child = execFile(process.execPath, args, { cwd: ROOT, env });
  const [code] = await once(child, "exit");
  return code;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const answering =
  (status: number): RequestListener =>
  ({ url }, response) =>
    void response.writeHead(url === "/api/health" ? status : 404).end();

describe("the image's health check", () => {
  it("passes for a server that works, and fails for one that says it does not or is not there", async () => {
    const { server } = await serveHere({ DATABASE_URL: `sqlite:${scratchFolder()}/keys.db` });
    const { port } = new URL(server.url);
    expect(await check(port)).toBe(0);
    await server.stop();
    expect(await check(port)).toBe(1);
    expect(await check(await listening(createPlain(answering(503))))).toBe(1);
  });

  describe.skipIf(!hasOpenssl)("over TLS", () => {
    const folders = scratchFolder(afterAll);
    function certificate(signedBy?: { readonly certFile: string; readonly keyFile: string }) {
      const folder = mkdtempSync(`${folders}/`);
      const files = { certFile: `${folder}/cert.pem`, keyFile: `${folder}/key.pem` };
      const out = ["-keyout", files.keyFile, "-out", files.certFile];
      const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
      const signer = signedBy ? ["-CA", signedBy.certFile, "-CAkey", signedBy.keyFile] : [];
      const args = ["req", "-x509", ...made, ...signer, "-subj", "/CN=keys.example.com", ...out];
      execFileSync("openssl", args, { stdio: "pipe" });
      return files;
    }
    const served = ({ certFile, keyFile }: ReturnType<typeof certificate>, status = 200) =>
      listening(
        createOverTls({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, answering(status)),
      );

    let own: ReturnType<typeof certificate>;
    let signed: ReturnType<typeof certificate>;
    beforeAll(() => {
      own = certificate();
      signed = certificate(own);
    });

    it("takes the certificate that the server was given, whoever signed it and whatever its name", async () => {
      expect(await check(await served(own), own.certFile)).toBe(0);
      expect(await check(await served(signed), signed.certFile)).toBe(0);
      expect(await check(await served(own, 503), own.certFile)).toBe(1);
    });

    it("takes no other certificate", async () => {
      expect(await check(await served(own), signed.certFile)).toBe(1);
      const empty = `${scratchFolder()}/empty.pem`;
      writeFileSync(empty, "");
      expect(await check(await served(own), empty)).toBe(1);
    });
  });
});
