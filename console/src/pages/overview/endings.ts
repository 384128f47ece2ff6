import type { ClientDocument } from '../../api/documents.ts';
import { SOON_MS } from '../clients/client-state.ts';

export interface Ending {
  clientId: string;
  what: string;
  at: string;
}

/** Secrets and clients that end within 30 days, the next one first. */
export function endingsOf(clients: ClientDocument[], nowMs = Date.now()): Ending[] {
  const isSoon = ({ at }: Ending) => {
    const leftMs = new Date(at).getTime() - nowMs;
    return leftMs > 0 && leftMs < SOON_MS;
  };
  return clients
    .filter(({ active }) => active)
    .flatMap(allEndingsOf)
    .filter(isSoon)
    .sort((one, other) => one.at.localeCompare(other.at));
}

function allEndingsOf({ id, expires_at, secrets = [] }: ClientDocument): Ending[] {
  const ofSecrets = secrets.flatMap(({ end, description }) =>
    end === undefined ? [] : [{ clientId: id, what: `secret ${description ?? ''}`.trim(), at: end }],
  );
  return expires_at === undefined
    ? ofSecrets
    : [...ofSecrets, { clientId: id, what: 'the client', at: expires_at }];
}
