import { addToGroup } from '../../protocol/groups.js';
import type { IssuedRequest } from '../../sessions/issued-requests.js';
import { audienceOf, scopeOf, timeOfId } from '../../sessions/session-row.js';
import type { EarlierRequest } from '../../tokens/request-rehearsal.js';

const MAX_GROUPS = 5000;
/** Of all scopes and audiences. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Equal token requests of a client. */
export interface RequestGroup {
  clientId: string;
  request: EarlierRequest;
  count: number;
  /** When the last of them was granted, and where it came from. */
  last: number;
  address: string | null;
}

/** Token requests, with equal ones kept once: machines repeat the same requests. Expects the newest first. */
export class EarlierRequests {
  private readonly groups = new Map<string, RequestGroup>();
  private characters = 0;
  count = 0;
  /** Requests that are too long or too various to be kept. */
  undecided = 0;

  add(request: IssuedRequest): void {
    this.count++;
    const { clientId, type, dialect, scope, audience, audienceAsked, isCut } = request;
    const key = JSON.stringify([clientId, type, dialect, scope, audience, audienceAsked]);
    const known = this.groups.get(key);
    if (known && !isCut) known.count++;
    else if (isCut || this.groups.size === MAX_GROUPS || this.characters > MAX_CHARACTERS) this.undecided++;
    else {
      this.characters += key.length;
      this.groups.set(key, groupOf(request));
    }
  }

  get byClient(): ReadonlyMap<string, RequestGroup[]> {
    const found = new Map<string, RequestGroup[]>();
    for (const group of this.groups.values()) addToGroup(found, group.clientId, group);
    return found;
  }
}

const groupOf = ({
  id,
  clientId,
  address,
  type,
  dialect,
  scope,
  audience,
  audienceAsked,
}: IssuedRequest) => ({
  clientId,
  request: {
    type,
    dialect,
    audienceAsked,
    scope: scopeOf({ scope, audience }),
    audience: audienceOf({ scope, audience }),
  },
  count: 1,
  last: timeOfId(id),
  address,
});
