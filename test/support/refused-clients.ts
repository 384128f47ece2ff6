import { admin } from './admin.js';
import { basic } from './http.js';
import { aClient } from './registration.js';
import type { TestServer } from './server.js';

export const CHOSEN = 'chosen by a person';

export interface RefusedClients {
  /** A secret in the format of generated ones, of another client. */
  made: string;
  /** The Basic header for each cause of invalid_client. */
  causes: ReadonlyMap<string, (secret: string) => Record<string, string>>;
}

/** Registers a client for each cause of invalid_client. */
export async function refusedClients(server: TestServer): Promise<RefusedClients> {
  const known = await aClient(server)
    .with({ secret: 'the right secret' })
    .withGrant('book:1:read')
    .register();
  const disabled = await aClient(server).with({ secret: CHOSEN, active: false }).register();
  const wrongMethod = await aClient(server)
    .with({ secret: CHOSEN, token_endpoint_auth_method: 'client_secret_post' })
    .register();
  const deleted = await aClient(server).with({ secret: CHOSEN }).register();
  await admin(server).delete(`/Client/${deleted.id}`);
  const withMade = await aClient(server).withGrant('book:1:read').register();
  const { secret: made } = await aClient(server).register();
  await admin(server).put('/Client/without-secret', { grant_types: ['client_credentials'] });
  const ids = {
    'an unknown client': 'nobody',
    'an id that cannot be one': 'no body!',
    'a very long id': 'x'.repeat(3000),
    'the id of a client in another case': known.id.toUpperCase(),
    'a wrong secret': known.id,
    'a wrong secret where a made one is kept': withMade.id,
    'a disabled client': disabled.id,
    'a wrong method': wrongMethod.id,
    'a deleted client': deleted.id,
    'a client without a secret': 'without-secret',
  };
  const causes = Object.entries(ids).map(
    ([cause, id]) => [cause, (secret: string) => basic(id, secret)] as const,
  );
  return { made, causes: new Map(causes) };
}
