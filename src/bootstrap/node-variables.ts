type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with variables that Node itself reads, such that the server must not run. */
export function problemsOfNode(environment: Environment): readonly string[] {
  // With "0", Node takes any certificate, and whoever is between here and Azure reads the keys.
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED?.trim() !== "0") return [];
  return [
    "NODE_TLS_REJECT_UNAUTHORIZED: must not be 0, which takes any certificate; name your own authority's in NODE_EXTRA_CA_CERTS",
  ];
}

/** What a person should know of variables that Node itself reads. Values are not repeated. */
export function warningsOfNode(environment: Environment, options: readonly string[]): readonly string[] {
  const given = [...options, ...(environment.NODE_OPTIONS ?? "").split(/\s+/)];
  if (environment.NODE_USE_ENV_PROXY !== "1" && !given.includes("--use-env-proxy")) return [];
  return [
    "NODE_USE_ENV_PROXY is set: requests to Azure go through the proxies that HTTP_PROXY and HTTPS_PROXY name",
  ];
}
