import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { rememberSecret } from './leaks.js';
import { freePort } from './port.js';

export interface Received {
  method: string | undefined;
  headers: IncomingHttpHeaders;
  text: string;
  body: any;
}

/** A webhook secret (Standard Webhooks 1.0, "Signature scheme"). */
export function aWebhookSecret(): string {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  rememberSecret(secret);
  return secret;
}

/** The signature of a webhook as the specification computes it. */
export function signatureOf(secret: string, { headers, text }: Pick<Received, 'headers' | 'text'>): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

/** A receiver of webhooks that can be stopped and started again on the same port. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  readonly secret = aWebhookSecret();
  /** The status of its responses. */
  respond: (response: ServerResponse, body: any) => void = (response) => response.writeHead(204).end();
  private server: Server | undefined;

  private constructor(readonly port: number) {}

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(await freePort());
    await receiver.revive();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/events?tenant=1`;
  }

  /** The settings of a server that sends events here. */
  get env(): Record<string, string> {
    return {
      LATCHKEY_WEBHOOK_URL: this.url,
      LATCHKEY_WEBHOOK_SECRET: this.secret,
      LATCHKEY_PRIVATE_WEBHOOK_URL: 'allow',
    };
  }

  async revive(): Promise<void> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString('utf8');
      const body = JSON.parse(text);
      this.received.push({ method: request.method, headers: request.headers, text, body });
      this.respond(response, body);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.server = server;
  }

  async die(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  /** The bodies about this object, in the order of their arrival. */
  about(id: string): any[] {
    return this.bodies().filter(({ data }) => data.target?.id === id);
  }

  bodies(): any[] {
    return this.received.map(({ body }) => body);
  }

  /** Waits for an event with these members. */
  async until(members: object): Promise<any> {
    await expect
      .poll(() => this.bodies(), { timeout: 20_000 })
      .toContainEqual(expect.objectContaining(members));
    return this.bodies().find((body) => isLike(body, members));
  }

  /** Expects that every request is signed with the given secrets and the time of the attempt. */
  expectSigned(...secrets: string[]): void {
    for (const one of this.received) {
      const signatures = String(one.headers['webhook-signature']).split(' ');
      expect(signatures).toEqual(secrets.map((secret) => signatureOf(secret, one)));
      expect(Math.abs(Number(one.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(120);
    }
  }
}

function isLike(body: unknown, members: object): boolean {
  try {
    expect(body).toEqual(expect.objectContaining(members));
    return true;
  } catch {
    return false;
  }
}
