import type { ClientRequest, IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { WebhookSettings } from '../../config/event-settings.js';
import { FilteredRequests, requestFault } from '../../runtime/filtered-requests.js';
import { DeliveryFailed } from '../event-output.js';

const MAX_MILLISECONDS = 10_000;

/** One POST for each event, signed by each secret; without redirects, and bounded in time. */
export class WebhookRequest {
  private readonly url: URL;
  private readonly requests: FilteredRequests;
  private readonly signers: readonly Webhook[];

  constructor({ url, secrets, allowPrivate }: WebhookSettings) {
    this.url = new URL(url);
    this.requests = new FilteredRequests(allowPrivate);
    this.signers = secrets.map((secret) => new Webhook(secret));
  }

  /** Resolves if the receiver took the event; throws DeliveryFailed within the time limit. */
  async send(id: string, body: string, signal: AbortSignal): Promise<void> {
    let request: ClientRequest | undefined;
    let deadline: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        deadline = setTimeout(() => reject(new DeliveryFailed('timeout')), MAX_MILLISECONDS);
        const headers = this.headersOf(id, body);
        request = this.requests.open(this.url, { method: 'POST', headers, signal });
        // Stays registered after the promise settles: an unhandled error event would end the process.
        request
          .on('response', (response) => judge(response, resolve, reject))
          .on('error', reject)
          .on('close', () => reject(new DeliveryFailed('connection closed without a response')))
          .end(body);
      });
    } catch (error) {
      throw error instanceof DeliveryFailed ? error : new DeliveryFailed(requestFault(error));
    } finally {
      clearTimeout(deadline);
      request?.destroy();
    }
  }

  /** Standard Webhooks 1.0: the time is that of the attempt; signatures of several secrets are separated by spaces. */
  private headersOf(id: string, body: string): Record<string, string> {
    const now = new Date();
    return {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'Latchkey',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': this.signers.map((signer) => signer.sign(id, now, body)).join(' '),
    };
  }
}

/** The status alone counts; a body is not read, and a redirect is not followed. */
function judge(
  { statusCode = 0 }: IncomingMessage,
  resolve: () => void,
  reject: (error: DeliveryFailed) => void,
): void {
  if (statusCode >= 200 && statusCode < 300) resolve();
  else reject(new DeliveryFailed(`status ${statusCode}`));
}
