import { type Admin, admin } from '../support/admin.js';
import { bearer } from '../support/http.js';
import { aClient, type TestClient } from '../support/registration.js';
import type { TestServer } from '../support/server.js';

/** A client that may come by Basic, and the administrator's REST as it sees it. */
export interface Caller {
  id: string;
  client: TestClient;
  rest: Admin;
}

/** A new client with these rules (`Client:*:read`), and nothing else. */
export async function aCaller(server: TestServer, ...rules: string[]): Promise<Caller> {
  const builder = aClient(server).with({ grant_types: ['basic', 'client_credentials'] });
  const client = await (rules.length > 0 ? builder.withGrant(...rules) : builder).register();
  return { id: client.id, client, rest: admin(server, client.basic) };
}

/** The administrator's REST with an access token. */
export const withToken = (server: TestServer, token: string): Admin => admin(server, bearer(token));

export const linkTo = (...ids: string[]) => ids.map((id) => ({ resourceType: 'Client', id }));

interface RuleMembers {
  effect: 'allow' | 'deny';
  resource: string;
  identifier: string;
  operations: string[];
}

export const allow = (resource: string, identifier: string, ...operations: string[]): RuleMembers => ({
  effect: 'allow',
  resource,
  identifier,
  operations,
});

export const deny = (resource: string, identifier: string, ...operations: string[]): RuleMembers => ({
  ...allow(resource, identifier, ...operations),
  effect: 'deny',
});
