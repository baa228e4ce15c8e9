import { readFileSync } from "node:fs";
import { AdminClient, type ConnectionOptions, KeyPoolClient } from "../../adapters/client/index.ts";
import { CommandFailed, EXIT } from "./exit-code.ts";
import { type Progress, progressOf } from "./output/progress.ts";
import type { Terminal } from "./output/terminal.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The options that every command takes. */
export interface SharedOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const DEFAULT_URL = "http://127.0.0.1:3000";

/** One run of a command: what it was told, and whom it speaks with. */
export class Invocation {
  readonly terminal: Terminal;
  readonly environment: Environment;
  readonly isQuiet: boolean;
  readonly isJson: boolean;
  /** As it was given; undefined where it was not. */
  readonly givenUrl: string | undefined;
  readonly #tokenFile: string | undefined;

  constructor(terminal: Terminal, environment: Environment, { url, tokenFile, json, quiet }: SharedOptions) {
    this.terminal = terminal;
    this.environment = environment;
    this.isJson = json === true;
    this.isQuiet = quiet === true;
    this.givenUrl = url || environment.AZURE_KEY_POOL_URL?.trim() || undefined;
    this.#tokenFile = tokenFile;
  }

  get url(): string {
    return this.givenUrl ?? DEFAULT_URL;
  }

  /** The API's client. Throws `CommandFailed` for a bad URL or token file. */
  get pool(): KeyPoolClient {
    return this.#connected(this.url, (options) => new KeyPoolClient(options));
  }

  /** The same for what only admins may. */
  get admin(): AdminClient {
    return this.adminAt(this.url);
  }

  adminAt(url: string): AdminClient {
    return this.#connected(url, (options) => new AdminClient(options));
  }

  /** The answer itself: one JSON document with `--json`, otherwise these lines. */
  answer(data: unknown, lines: () => readonly string[]): void {
    if (this.isJson) this.terminal.out(JSON.stringify(data, null, 2));
    else for (const line of lines()) this.terminal.out(line);
  }

  /** What is good to know and no part of the answer. */
  remark(line: string): void {
    if (!this.isQuiet) this.terminal.err(line);
  }

  progress(label: string): Progress {
    return progressOf(this.terminal, label, this.isQuiet);
  }

  /** From `--token-file`, or else from the environment. Throws `CommandFailed` for what cannot be sent. */
  token(): string | undefined {
    const token =
      this.#tokenFile === undefined ? this.#tokenOfEnvironment() : secretIn(this.#tokenFile, "--token-file");
    if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
    throw new CommandFailed("The token is none: it has spaces, or characters beyond ASCII", EXIT.wrongUse);
  }

  #tokenOfEnvironment(): string | undefined {
    const { AZURE_KEY_POOL_TOKEN, ADMIN_TOKEN, ADMIN_TOKEN_FILE } = this.environment;
    const given = AZURE_KEY_POOL_TOKEN?.trim() || ADMIN_TOKEN?.trim();
    const file = ADMIN_TOKEN_FILE?.trim();
    return given || (file ? secretIn(file, "ADMIN_TOKEN_FILE") : undefined);
  }

  #connected<T>(url: string, connect: (options: ConnectionOptions) => T): T {
    const token = this.token();
    try {
      const baseUrl = `${url.replace(/\/+(api\/*)?$/, "")}/api`;
      return connect({ baseUrl, ...(token !== undefined && { token }) });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const rule = "must be http://… or https://… without user, password and query";
      throw new CommandFailed(`--url, AZURE_KEY_POOL_URL: ${rule}`, EXIT.wrongUse);
    }
  }
}

/** The first line of a file. Throws `CommandFailed`, which names the file and not what is in it. */
export function secretIn(file: string, option: string): string {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailed(`${option}: ${file} cannot be read (${code})`, EXIT.wrongUse);
  }
  return onlyLineOf(content, `${option}: ${file}`);
}

/** Throws `CommandFailed` for none or several lines. */
export function onlyLineOf(content: string, what: string): string {
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length !== 1) throw new CommandFailed(`${what} must hold one line`, EXIT.wrongUse);
  return (lines[0] as string).trim();
}
