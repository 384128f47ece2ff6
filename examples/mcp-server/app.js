import { createGuard } from '@latchkey/guard';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { makeServer, scopesOf } from './tools.js';

/** An MCP server over Streamable HTTP. Each request brings its token; the tool that it calls decides the scope. */
export function createApp({ issuer, audience, resourceMetadata, introspection }) {
  const guard = createGuard({ issuer, audience, resourceMetadata, introspection });
  const app = express().disable('x-powered-by');

  app.post('/{*path}', async (request, response) => {
    // Who has no valid token sends no body either.
    if (!(await admit(request, response, []))) return;
    await parsed(request, response);
    const scopes = scopesOf(request.body);
    if (scopes.length > 0 && !(await admit(request, response, scopes))) return;
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    const server = makeServer();
    response.on('close', () => server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });

  // Without sessions there is no stream to open and nothing to delete.
  app.all('/{*path}', async (request, response) => {
    if (await admit(request, response, [])) response.set('allow', 'POST').status(405).end();
  });

  async function admit(request, response, scopes) {
    const { refused } = await guard.check(request, scopes);
    if (refused) response.status(refused.status).set(refused.headers).json(refused.body);
    return !refused;
  }

  return app;
}

const parseJson = express.json({ limit: '1mb' });

const parsed = (request, response) =>
  new Promise((resolve, reject) => {
    parseJson(request, response, (error) => (error ? reject(error) : resolve()));
  });
