import type * as SpeechSdk from "microsoft-cognitiveservices-speech-sdk";

export type Sdk = typeof SpeechSdk;

let loading: Promise<Sdk> | undefined;

/** Loads the SDK when it is first needed: it costs 60 ms and 19 MB. Sets what is global in it, once. */
export function loadSdk(): Promise<Sdk> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Sdk> {
  const [sdk, { WebsocketMessageAdapter }] = await Promise.all([
    import("microsoft-cognitiveservices-speech-sdk"),
    import(
      "microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common.browser/WebsocketMessageAdapter.js"
    ),
  ]);
  // With Node's own WebSocket the key would travel in the URL only, and a refused upgrade would never end.
  WebsocketMessageAdapter.forceNpmWebSocket = true;
  sdk.Recognizer.enableTelemetry(false);
  return sdk;
}
