import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback } from './loopback.js';

/** A question as it arrived. */
export interface Question {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  bytes: number;
  /** Which connection it came on, counted from 1. */
  connection: number;
}

/** Stands in Latchkey's place to show what a gateway asks, and what it makes of answers that Latchkey hardly gives. */
export async function startStubLatchkey(answer: (response: ServerResponse) => void) {
  const questions: Question[] = [];
  const connections = new Map<object, number>();
  const server = createServer((request, response) => {
    if (request.url === '/health/ready') return response.end();
    const { method = '', url = '', headers, socket } = request;
    const connection = connections.get(socket) ?? connections.size + 1;
    connections.set(socket, connection);
    const question = { method, url, headers, bytes: 0, connection };
    questions.push(question);
    request.on('data', (chunk) => {
      question.bytes += chunk.length;
    });
    request.on('end', () => answer(response));
    return undefined;
  });
  return { ...(await listenOnLoopback(server)), questions };
}
