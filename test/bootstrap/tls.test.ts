import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { connect } from "node:tls";
import { expect, it } from "vitest";
import { until } from "../../src/testing/until.ts";
import { scratchFolder, serveHere } from "./servers.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl && process.env.CI === "true") throw new Error("openssl is needed to make certificates");

it.skipIf(!hasOpenssl)("serves with TLS_CERT and TLS_KEY, and goes on with what replaces them", async () => {
  const folder = scratchFolder();
  const files = { TLS_CERT: `${folder}/cert.pem`, TLS_KEY: `${folder}/key.pem` };
  const make = (name: string) => {
    const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
    const out = ["-keyout", `${folder}/${name}.key`, "-out", `${folder}/${name}.crt`];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    execFileSync("openssl", ["req", "-x509", ...kind, ...subject, ...out], { stdio: "pipe" });
  };
  const put = (name: string) => {
    copyFileSync(`${folder}/${name}.crt`, files.TLS_CERT);
    copyFileSync(`${folder}/${name}.key`, files.TLS_KEY);
  };
  for (const name of ["first", "second"]) make(name);
  put("first");
  const { server } = await serveHere({ DATABASE_URL: `sqlite:${folder}/keys.db`, ...files });
  const nameShown = async () => {
    const socket = connect({ port: Number(new URL(server.url).port), rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { subject } = new X509Certificate(socket.getPeerX509Certificate()?.raw ?? "");
    socket.destroy();
    return subject;
  };
  const isRenewed = () => server.log.some(({ msg }) => msg === "the new certificate is in force");

  expect([await nameShown(), isRenewed()]).toEqual(["CN=first", false]);
  put("second");
  await until(isRenewed);
  expect(await nameShown()).toBe("CN=second");
  const asked = get(`${server.url}/api/health`, { ca: readFileSync(files.TLS_CERT), agent: false });
  const [{ statusCode }] = (await once(asked, "response")) as [IncomingMessage];
  expect([new URL(server.url).protocol, statusCode]).toEqual(["https:", 200]);
});
