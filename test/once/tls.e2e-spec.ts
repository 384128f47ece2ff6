import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCertificate } from '../support/certificate.js';
import { DIALECTS } from '../support/dialects.js';
import { basic, raw } from '../support/http.js';
import { launch } from '../support/launch.js';
import { rememberSecretsIn } from '../support/leaks.js';
import { freePort } from '../support/port.js';
import { startServer, type TestServer } from '../support/server.js';

const TOKEN_REQUEST = 'grant_type=client_credentials';
/** Longer than the server waits between two looks at its files. */
const RELOADED_MS = 20_000;

let folder: string;
let server: TestServer;
let certFile: string;
let keyFile: string;
let ca: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
  certFile = join(folder, 'cert.pem');
  keyFile = join(folder, 'key.pem');
  ca = await present('localhost');
  const env = { LATCHKEY_TLS_CERT: certFile, LATCHKEY_TLS_KEY: keyFile, LATCHKEY_PUBLIC_URL: undefined };
  server = await startServer({ env });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a new certificate and its key where the server looks; answers the certificate. */
async function present(...odd: Parameters<typeof aCertificate>): Promise<string> {
  const { cert, key } = await aCertificate(...odd);
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  return cert;
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: any;
}

/** A request over HTTPS that trusts the server's certificate and nothing else. */
function ask(path: string, options: https.RequestOptions = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      `https://localhost:${server.port}${path}`,
      { ca, family: 4, agent: false, ...options },
      async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        const parsed = text.startsWith('{') ? JSON.parse(text) : undefined;
        rememberSecretsIn(parsed);
        resolve({ status: answer.statusCode as number, headers: answer.headers, body: parsed });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const post = (path: string, body: string) =>
  ask(
    path,
    {
      method: 'POST',
      headers: {
        ...basic(server.adminId, server.adminSecret),
        'content-type': 'application/x-www-form-urlencoded',
      },
    },
    body,
  );

const askForToken = (path: string) => post(path, TOKEN_REQUEST);

/** The version that a handshake settles on, or the error that ends it. */
function handshake(port: number, version: tls.SecureVersion): Promise<string> {
  return new Promise((resolve) => {
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      minVersion: version,
      maxVersion: version,
      ciphers: 'ALL:@SECLEVEL=0',
      rejectUnauthorized: false,
    });
    socket.on('secureConnect', () => {
      resolve(String(socket.getProtocol()));
      socket.destroy();
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
  });
}

function served(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const fingerprint = (cert: string) => new X509Certificate(cert).fingerprint256;

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const limit = Date.now() + RELOADED_MS; !(await holds()); await sleep(200)) {
    if (Date.now() > limit) throw new Error('It did not happen in time.');
  }
}

describe('HTTPS', { timeout: 60_000 }, () => {
  it.each(DIALECTS)(
    'issues tokens in the $name dialect to a client that verifies the certificate (H05, RFC 6749 1.6)',
    async ({ name, token }) => {
      const answer = await askForToken(token);
      if (name === 'native') expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
      else expect(answer.body).toHaveProperty('error');
    },
  );

  it('sends HSTS with every response (fault A10)', async () => {
    for (const path of ['/.well-known/jwks.json', '/nothing', '/Client', '/health/live']) {
      const { headers } = await ask(path);
      expect(headers['strict-transport-security'], path).toBe('max-age=31536000');
    }
  });

  it('uses https in its issuer and endpoints by default (K03, RFC 8414 2)', async () => {
    const { body } = await ask('/.well-known/oauth-authorization-server');
    const origin = `https://localhost:${server.port}`;
    expect(body).toMatchObject({ issuer: `${origin}/`, token_endpoint: `${origin}/auth/token` });
    expect(server.stdout()).toBe(`Latchkey serves ${origin}\n`);
  });

  it.each<tls.SecureVersion>(['TLSv1.2', 'TLSv1.3'])('accepts %s (H05, RFC 9325 3.1.1)', async (version) => {
    expect(await handshake(server.port, version)).toBe(version);
  });

  it.each<tls.SecureVersion>(['TLSv1', 'TLSv1.1'])('rejects %s (H05, RFC 8996)', async (version) => {
    const { cert, key } = await aCertificate();
    const lax = tls.createServer({ cert, key, minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' });
    const port = await freePort();
    await new Promise<void>((resolve) => lax.listen(port, '127.0.0.1', resolve));
    try {
      expect(await handshake(port, version)).toBe(version);
    } finally {
      lax.close();
    }
    expect(await handshake(server.port, version)).toMatch(/^(ERR_SSL|ECONNRESET)/);
  });

  it('tells in its overview when its certificate expires', async () => {
    const { body } = await ask('/$overview', { headers: basic(server.adminId, server.adminSecret) });
    expect(Date.parse(body.ending.certificate.end)).toBe(
      Date.parse(new X509Certificate(readFileSync(certFile)).validTo),
    );
  });

  it('introspects over TLS (H05, I15, RFC 7662 4)', async () => {
    const { status, body } = await post('/auth/introspect', 'token=unknown');
    expect({ status, body }).toEqual({ status: 200, body: { active: false } });
  });

  it('answers plain HTTP on the same port with neither a token nor a redirect (H05, RFC 9700 4.12)', async () => {
    const { authorization } = basic(server.adminId, server.adminSecret);
    const request =
      `POST /auth/token HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${TOKEN_REQUEST.length}\r\n\r\n${TOKEN_REQUEST}`;
    const answer = await raw(server.port, request).catch(() => '');
    expect(answer).not.toContain('access_token');
    expect(answer).not.toMatch(/^HTTP\/1\.1 [23]/);
    expect((await ask('/health/ready')).status).toBe(200);
  });

  it('never redirects a request with credentials (T31, RFC 9700 4.12)', async () => {
    for (const path of ['/auth/token/', '//auth/token', '/AUTH/TOKEN', '/auth/token/.']) {
      const { status, headers } = await askForToken(path);
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(headers).not.toHaveProperty('location');
    }
  });
});

describe('Certificate renewal', { timeout: 90_000 }, () => {
  it('serves a renewed certificate to new connections and keeps open ones', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca });
    expect((await ask('/health/live', { agent })).status).toBe(200);
    const renewed = await present('renewed');
    await until(async () => (await served()) === fingerprint(renewed));
    expect((await ask('/health/live', { agent })).status).toBe(200);
    agent.destroy();
    ca = renewed;
    expect((await askForToken('/auth/token')).status).toBe(200);
  });

  it('keeps the old certificate when the new one is broken, and logs that', async () => {
    const failureMessage = 'TLS certificate reload failed; the previous certificate stays in use';
    const observer = () =>
      server
        .stderr()
        .split('\n')
        .filter((line) => line.includes(failureMessage));
    // Between the two files of a renewal the key may not fit for a moment: that is reported too.
    const before = observer().length;
    const renewed = ca;
    writeFileSync(certFile, 'not a certificate');
    await until(() => observer().length > before);
    expect(observer()).toHaveLength(before + 1);
    expect(observer().at(-1)).toContain('LATCHKEY_TLS_CERT: ');
    expect(await served()).toBe(fingerprint(renewed));
    const repaired = await present('repaired');
    await until(async () => (await served()) === fingerprint(repaired));
    ca = repaired;
    expect((await askForToken('/auth/token')).status).toBe(200);
  });
});

describe('Certificate that clients reject', { timeout: 90_000 }, () => {
  it('is served with a warning, at the start and after a renewal (RFC 9325 7.1)', async () => {
    const expired = await present('expired', { from: -3, to: -1 });
    await until(async () => (await served()) === fingerprint(expired));
    const warning = /"level":"warn",.*"setting":"LATCHKEY_TLS_CERT",.*"TLS certificate has expired"/;
    await until(() => warning.test(server.stderr()));
    const weak = await present('weak', { from: 1, to: 2, rsaBits: 1024 });
    await server.restart();
    expect(await served()).toBe(fingerprint(weak));
    expect(server.stderr()).not.toMatch(warning);
    expect(server.stderr()).toContain('TLS certificate is not valid yet');
    expect(server.stderr()).toContain('TLS certificate has an RSA key of fewer than 2048 bits');
    ca = await present('localhost');
    await server.restart();
    expect(server.stderr()).not.toContain('"level":"warn"');
  });
});

describe('Start with an unusable certificate', { timeout: 60_000 }, () => {
  it('names LATCHKEY_TLS_KEY when the key belongs to another certificate', async () => {
    const [one, other] = [await aCertificate(), await aCertificate()];
    const files = { cert: join(folder, 'one.pem'), key: join(folder, 'other.pem') };
    writeFileSync(files.cert, one.cert);
    writeFileSync(files.key, other.key);
    const started = launch({
      PORT: String(await freePort()),
      LATCHKEY_DATA_DIR: join(folder, 'data'),
      LATCHKEY_LOG_LEVEL: 'silent',
      LATCHKEY_TLS_CERT: files.cert,
      LATCHKEY_TLS_KEY: files.key,
    });
    expect(await started.exited).toEqual({ code: 1, signal: null });
    expect(started.stderr()).toBe(
      'Latchkey cannot start: LATCHKEY_TLS_KEY: is not the key of the certificate in LATCHKEY_TLS_CERT\n',
    );
  });
});
