import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback } from './loopback.js';

/** A request as it arrived. */
export interface Question {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  bytes: number;
  /** The number of its connection, from 1. */
  connection: number;
}

/** Replaces Latchkey to record the requests of a gateway and to give it rare responses. */
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
