import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";

export interface CertificateFiles {
  /** A PEM file with the certificate and those it is signed by. */
  readonly certFile: string;
  /** A PEM file with its private key. */
  readonly keyFile: string;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** What is in the files is not a certificate with its own key. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** Reads and checks both. Rejects with `CertificateError`, or with the fault of a file that cannot be read. */
export async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new CertificateError(`${certFile} and ${keyFile} are no certificate with its key, both PEM`, {
      cause,
    });
  }
  return { cert, key };
}

/**
 * Looks every `everyMs` whether the files hold something else, and hands over what fits together: while they are being
 * renewed they may not. Whatever tells of changes in folders differs from system to system, and with links.
 */
export function watchCertificate(
  files: CertificateFiles,
  current: Certificate,
  { onChange, onFault, everyMs }: CertificateWatch,
): () => void {
  let [last, lastFault] = [current, ""];
  const look = async () => {
    try {
      const found = await readCertificate(files);
      lastFault = "";
      if (found.cert === last.cert && found.key === last.key) return;
      last = found;
      onChange(found);
    } catch (error) {
      const { message } = error as Error;
      if (message !== lastFault) onFault(error);
      lastFault = message;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

export interface CertificateWatch {
  readonly onChange: (found: Certificate) => void;
  /** Called once for each kind of fault; what was there before stays in force. */
  readonly onFault: (error: unknown) => void;
  readonly everyMs: number;
}
