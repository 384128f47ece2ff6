/** The TLS certificate in use, where this server itself serves TLS. */
export class ServerCertificate {
  /** Epoch milliseconds. */
  expiresAt: number | undefined;
}
