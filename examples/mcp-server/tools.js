import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

const notes = new Map([['1', 'water the plants']]);

const text = (value) => ({ content: [{ type: 'text', text: value }] });

/** Each tool with the scope item that its caller needs. A tool without one does not exist. */
const TOOLS = {
  read_note: {
    scope: 'notes:*:read',
    description: 'Reads a note',
    inputSchema: { id: z.string() },
    run: ({ id }) => text(notes.get(id) ?? 'there is no such note'),
  },
  write_note: {
    scope: 'notes:*:write',
    description: 'Writes a note',
    inputSchema: { id: z.string(), text: z.string() },
    run: (note) => {
      notes.set(note.id, note.text);
      return text('written');
    },
  },
};

/** What a JSON-RPC body needs, a batch all of it; what is no call of a tool needs a valid token only. */
export const scopesOf = (body) =>
  [body].flat().flatMap((message) => {
    if (message?.method !== 'tools/call') return [];
    const name = String(message.params?.name);
    // The SDK answers for tools that do not exist.
    return Object.hasOwn(TOOLS, name) ? [TOOLS[name].scope] : [];
  });

/** Without sessions, a server serves one request. */
export function makeServer() {
  const server = new McpServer({ name: 'notes', version: '0.1.0' });
  for (const [name, { description, inputSchema, run }] of Object.entries(TOOLS)) {
    server.registerTool(name, { description, inputSchema }, run);
  }
  return server;
}
