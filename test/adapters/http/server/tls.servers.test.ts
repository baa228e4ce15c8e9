import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { connect as connectPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, describe, expect, it } from "vitest";
import { type HttpServer, listen } from "../../../../src/adapters/http/index.ts";
import { until } from "../raw-caller.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl && process.env.CI === "true") throw new Error("openssl is needed to make certificates");

describe.skipIf(!hasOpenssl)(`TLS${hasOpenssl ? "" : " (openssl is not installed)"}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-tls-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  const files = { certFile: at("cert.pem"), keyFile: at("key.pem") };

  const make = (name: string) => {
    const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    const out = ["-keyout", at(`${name}.key`), "-out", at(`${name}.crt`)];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    execFileSync("openssl", ["req", "-x509", ...kind, ...subject, ...out], { stdio: "pipe" });
  };
  const put = (cert: string, key: string) => {
    copyFileSync(at(`${cert}.crt`), files.certFile);
    copyFileSync(at(`${key}.key`), files.keyFile);
  };
  make("first");
  make("second");

  const app = { callback: () => (_: unknown, res: { end(text: string): void }) => void res.end("here") };
  const portOf = ({ url }: HttpServer) => Number(new URL(url).port);

  /** The common name of the certificate that the server shows now. */
  async function nameShown(server: HttpServer): Promise<string> {
    const socket: TLSSocket = connect({ port: portOf(server), rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { subject } = new X509Certificate(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0));
    socket.destroy();
    return subject;
  }

  async function serving(onRenewal?: (fault?: unknown) => void): Promise<HttpServer> {
    return listen(app, { tls: { ...files, lookEveryMs: 5, ...(onRenewal && { onRenewal }) } });
  }

  it("is served with the certificate that is given", async () => {
    put("first", "first");
    const server = await serving();
    expect(server.url).toMatch(/^https:/);
    const response = once(get(server.url, { ca: readFileSync(files.certFile), agent: false }), "response");
    const [answer] = (await response) as [IncomingMessage];
    expect(String((await once(answer, "data"))[0])).toBe("here");
    await server.close();
  });

  it("goes on with what replaces the certificate, and keeps it while key and certificate do not fit", async () => {
    put("first", "first");
    const told: unknown[] = [];
    const server = await serving((fault) => told.push(fault));
    const open: TLSSocket = connect({ port: portOf(server), rejectUnauthorized: false });
    await once(open, "secureConnect");
    copyFileSync(at("second.crt"), files.certFile);
    // The first pair may be told as well, when it was written just before the server began to look.
    await until(() => told.at(-1) !== undefined);
    expect(String(told.at(-1))).toContain("are no certificate with its key");
    expect(await nameShown(server)).toBe("CN=first");
    put("second", "second");
    await until(() => told.at(-1) === undefined);
    expect(await nameShown(server)).toBe("CN=second");
    // Who was connected stays so.
    open.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect(String((await once(open, "data"))[0])).toMatch(/^HTTP\/1\.1 200/);
    open.destroy();
    await server.close();
  });

  it("takes no plain request, and lives on", async () => {
    put("first", "first");
    const server = await serving();
    const plain = connectPlain(portOf(server), "127.0.0.1");
    plain.on("error", () => {});
    plain.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let answered = "";
    plain.on("data", (data) => {
      answered += String(data);
    });
    await once(plain, "close");
    expect(answered).not.toContain("200");
    expect(await nameShown(server)).toBe("CN=first");
    await server.close();
  });

  it("is refused at the start with files that do not fit, are no PEM or are not there", async () => {
    put("first", "second");
    await expect(serving()).rejects.toMatchObject({ name: "CertificateError" });
    writeFileSync(files.certFile, "no certificate");
    await expect(serving()).rejects.toMatchObject({ name: "CertificateError" });
    rmSync(files.certFile);
    await expect(serving()).rejects.toMatchObject({ code: "ENOENT" });
  });
});
