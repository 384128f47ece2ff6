import { statfsSync } from 'node:fs';
import { connect, type PeerCertificate } from 'node:tls';
import type { Connection } from '../connection.js';
import { type Finding, NOT_VISIBLE, right, wrong } from './finding.js';

const DAY_MS = 86_400_000;
const MIN_CERTIFICATE_DAYS = 14;
const CONNECT_MS = 10_000;
const MIN_FREE_BYTES = 1024 ** 3;
const MIN_FREE_SHARE = 0.05;

/** The certificate that the server presents, verified as every client does it. */
export async function certificate({ url }: Connection): Promise<Finding | undefined> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:') return NOT_VISIBLE;
  const presented = await presentedAt(hostname.replace(/^\[|\]$/g, ''), Number(port || 443));
  if (typeof presented === 'string') return wrong(presented);
  const { peer, fault } = presented;
  const expiry = Date.parse(peer.valid_to);
  const days = Math.floor((expiry - Date.now()) / DAY_MS);
  const until = new Date(expiry).toISOString();
  if (days < 0) return wrong(`expired at ${until}: renew it; the server reloads changed files by itself`);
  if (Date.parse(peer.valid_from) > Date.now())
    return wrong(
      `is valid from ${peer.valid_from} only: check the clock of this machine, or the certificate`,
    );
  if (fault !== undefined)
    return wrong(
      `${fault}: use a certificate of an authority that clients trust, or set NODE_EXTRA_CA_CERTS`,
    );
  if (days < MIN_CERTIFICATE_DAYS) return wrong(`expires in ${days} days, at ${until}: renew it`);
  return right(`valid until ${until}`);
}

interface Presented {
  peer: PeerCertificate;
  fault: string | undefined;
}

const presentedAt = (host: string, port: number): Promise<Presented | string> =>
  new Promise((resolve) => {
    const isName = !/^[\d.]+$|:/.test(host);
    const socket = connect(
      { host, port, rejectUnauthorized: false, timeout: CONNECT_MS, ...(isName ? { servername: host } : {}) },
      () => {
        const fault = socket.authorizationError as unknown as Error | string | undefined;
        resolve({
          peer: socket.getPeerCertificate(),
          fault: fault ? String(fault instanceof Error ? fault.message : fault) : undefined,
        });
        socket.destroy();
      },
    );
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(`no TLS connection: ${error.code ?? error.message}`),
    );
    socket.once('timeout', () => {
      resolve('no TLS connection within ten seconds');
      socket.destroy();
    });
  });

/** Of the data folder, where the environment names one: on the server's own machine, with its settings. */
export async function disk(): Promise<Finding | undefined> {
  const folder = process.env.LATCHKEY_DATA_DIR;
  if (!folder) return NOT_VISIBLE;
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    const free = `${Math.floor((bavail * bsize) / 1024 ** 2)} MiB free in ${folder}`;
    const isFull = bavail * bsize < MIN_FREE_BYTES || bavail / blocks < MIN_FREE_SHARE;
    return isFull ? wrong(`only ${free}: make room, because a full disk stops every token`) : right(free);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(`${folder} cannot be examined (${code}): check LATCHKEY_DATA_DIR`);
  }
}
