import { AUTH0 } from '../../support/dialects.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';
import type { TestServer } from '../../support/server.js';

export const AUDIENCE = 'urn:worldmappers';

const OPERATIONS = ['geocode:location', 'reverse-geocode:location', 'directions'];

/** An API with the operations that the examples serve. */
export const registerApi = (server: TestServer, id = 'world-mappers', audience = AUDIENCE) =>
  aResource(server, id, OPERATIONS, { audience });

/** A client that may do what the rule says, with these settings of its tokens. */
export const registerClient = (server: TestServer, rule = 'world-mappers:*:*', tokens = {}) =>
  aClient(server).withTokens(tokens).withGrant(rule).register();

export const tokenOf = (client: TestClient, audience = AUDIENCE) => client.token(AUTH0, { audience });
