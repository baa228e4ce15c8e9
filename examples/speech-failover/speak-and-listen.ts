import { type KeyPoolClient, SpeechFailover } from "azure-key-pool/client";
import * as sdk from "microsoft-cognitiveservices-speech-sdk";
import { WebsocketMessageAdapter } from "microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common.browser/WebsocketMessageAdapter.js";

// With Node's own WebSocket the SDK could not tell a throttled key from a network that failed.
WebsocketMessageAdapter.forceNpmWebSocket = true;

/** Where Azure Speech is. Default: in the key's region. */
export interface Azure {
  readonly host?: string;
}

/** Speaks a text, and says what is heard in a recording, with whichever keys of the pool work. */
export async function speakAndListen(
  keys: KeyPoolClient,
  text: string,
  recording: Buffer,
  { host }: Azure = {},
) {
  const speech = new SpeechFailover(
    keys,
    sdk,
    { region: "eastasia" },
    {
      waitMs: 10_000,
      configure: (config) => {
        config.speechRecognitionLanguage = "en-US";
        config.speechSynthesisOutputFormat = sdk.SpeechSynthesisOutputFormat.Audio16Khz32KBitRateMonoMp3;
        if (host !== undefined) config.setProperty(sdk.PropertyId.SpeechServiceConnection_Host, host);
      },
    },
  );
  const spoken = await speech.speak(text, (config) => new sdk.SpeechSynthesizer(config, null));
  const heard = await speech.recognizeOnce(
    (config) => new sdk.SpeechRecognizer(config, sdk.AudioConfig.fromWavFileInput(recording)),
  );
  return { audio: spoken.audioData, text: heard.text };
}
