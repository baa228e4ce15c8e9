/** What a request asks for. The first two are WebSockets, the others REST. */
export type RequestKind =
  | "recognition"
  | "synthesis"
  | "token"
  | "voices"
  | "recognition-rest"
  | "synthesis-rest"
  | "translation";

interface Route {
  readonly kind: RequestKind;
  readonly method: "GET" | "POST" | "upgrade";
  readonly path: RegExp;
}

const SHORT_AUDIO = "speech/recognition/(interactive|conversation|dictation)/cognitiveservices/v1";

// A prefix is what a custom domain puts in front of the service's own path.
const ROUTES: readonly Route[] = [
  route("recognition", "upgrade", `(stt/)?${SHORT_AUDIO}`),
  route("recognition", "upgrade", "stt/speech/universal/v[12]"),
  route("recognition", "upgrade", "speech/universal/v[12]"),
  route("synthesis", "upgrade", "(tts/)?cognitiveservices/websocket/v[12]"),
  route("token", "POST", "sts/v1\\.0/issueToken"),
  route("voices", "GET", "(tts/)?cognitiveservices/voices/list"),
  route("recognition-rest", "POST", `(stt/)?${SHORT_AUDIO}`),
  route("synthesis-rest", "POST", "(tts/)?cognitiveservices/v1"),
  route("translation", "POST", "(translator/text/v3\\.0/)?translate"),
];

function route(kind: RequestKind, method: Route["method"], path: string): Route {
  return { kind, method, path: new RegExp(`^/${path}$`, "i") };
}

/** Finds what a request asks for; undefined when Azure has no such place. */
export function kindOf(method: string, path: string): RequestKind | undefined {
  return ROUTES.find((candidate) => candidate.method === method && candidate.path.test(path))?.kind;
}
