import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { speechHost } from "../../../../adapters/speech-sdk/speech-host.ts";
import { translatorUrl } from "../../../../adapters/translator/translator-url.ts";
import { DEFAULT_REGION } from "../../../../domain/index.ts";
import type { Config } from "../../../config.ts";
import { type Finding, fault, good, messageOf } from "./finding.ts";

const TIMEOUT_MS = 5_000;

type Places = readonly { readonly service: string; readonly region: string }[];

/** Whether Azure's hosts can be reached, for the regions of the keys: name, connection, certificate. Sends no key. */
export async function checkAzure(places: Places, config: Config): Promise<readonly Finding[]> {
  const regionsOf = (service: "speech" | "translation") => {
    const found = places.filter((place) => place.service === service).map(({ region }) => region);
    return found.length > 0 ? found : [DEFAULT_REGION[service]];
  };
  const urls = [
    ...regionsOf("speech").map((region) => speechHost("tts", region, config.azureSpeechUrl ?? null)),
    ...regionsOf("translation").map((region) =>
      translatorUrl(region, { text: "", to: "en" }, config.azureTranslatorUrl ?? null),
    ),
  ];
  const origins = new Set(
    urls.map((url) => new URL(url)).map(({ protocol, host }) => `${protocol}//${host}`),
  );
  return Promise.all([...origins].map((origin) => checkOrigin(origin)));
}

/** Whether a host answers at its port, and with a good certificate where it has to have one. */
export async function checkOrigin(origin: string, name = ""): Promise<Finding> {
  const { protocol, hostname, port } = new URL(origin);
  const isTls = protocol === "wss:" || protocol === "https:";
  const at = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (isTls ? 443 : 80) };
  const socket = isTls ? connectTls({ ...at, servername: at.host }) : connect(at);
  try {
    await once(socket, isTls ? "secureConnect" : "connect", { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return good(`${name}${at.host} is reached`);
  } catch (error) {
    const reason =
      error instanceof Error && error.name === "AbortError" ? "no answer in time" : messageOf(error);
    return fault(
      `${name}${at.host} is not reached: ${reason}`,
      "look at the name server, the firewall, the proxy",
    );
  } finally {
    socket.destroy();
  }
}
