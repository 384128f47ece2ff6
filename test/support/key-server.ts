import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { JWK } from 'jose';
import { listenOnLoopback } from './loopback.js';

type Respond = (response: ServerResponse) => void;

/** A server on which a client publishes its keys; it counts the requests. */
export class KeyServer {
  connections = 0;
  requests = 0;
  paths: string[] = [];
  port = 0;
  stop: () => Promise<void> = async () => {};
  private respond: Respond = (response) => response.end();

  private constructor(private readonly scheme: 'http' | 'https') {}

  static async start(tls?: { key: string; cert: string }): Promise<KeyServer> {
    const place = new KeyServer(tls ? 'https' : 'http');
    const listener: RequestListener = (request, response) => {
      place.requests++;
      place.paths.push(request.url ?? '');
      place.respond(response);
    };
    const server = (tls ? createTlsServer(tls, listener) : createServer(listener)) as Server;
    server.on('connection', () => {
      place.connections++;
    });
    Object.assign(place, await listenOnLoopback(server));
    return place;
  }

  uri(host = '127.0.0.1', path = '/jwks.json'): string {
    return `${this.scheme}://${host}:${this.port}${path}`;
  }

  /** Replaces the published keys. */
  publish(...keys: JWK[]): void {
    this.answer((response) => response.end(JSON.stringify({ keys })));
  }

  answer(respond: Respond): void {
    this.respond = respond;
  }
}

/** A self-signed certificate for the loopback address, as PEM. */
export async function makeCertificate(): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=127.0.0.1',
      keys: keys as never,
      signingAlgorithm: algorithm,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    },
    webcrypto as never,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`;
  return { key, cert: certificate.toString('pem') };
}
