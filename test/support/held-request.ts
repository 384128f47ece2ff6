import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { rememberSecretsIn } from './leaks.js';

/** Long enough for a request to be authenticated; one that is authenticated later must be rejected as well. */
const UNTIL_AUTHENTICATED_MS = 500;

/** Sends the rest of a body. Returns the status and text of the response. */
export type Finish = () => Promise<{ status: number; text: string }>;

/** Starts a request and sends only the first byte of its body. Resolves when its headers have been checked. */
export async function hold(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: object,
): Promise<Finish> {
  rememberSecretsIn(body);
  const bytes = body === undefined ? '' : JSON.stringify(body);
  const sent = request(url, {
    method,
    agent: false,
    headers: { ...headers, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
  });
  const response = new Promise<{ status: number; text: string }>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (message) => {
      text(message).then((answer) => resolve({ status: message.statusCode ?? 0, text: answer }), reject);
    });
  });
  if (bytes === '') sent.flushHeaders();
  else sent.write(bytes.slice(0, 1));
  await sleep(UNTIL_AUTHENTICATED_MS);
  return () => {
    sent.end(bytes.slice(1));
    return response;
  };
}
