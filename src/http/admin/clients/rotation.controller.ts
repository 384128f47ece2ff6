import { Get, Param, Req } from '@nestjs/common';
import { secretView } from '../../../administration/clients/client.wire.js';
import { verdictOf } from '../../../administration/clients/secrets/secret-verdict.js';
import { type ShownClient, ShownClients } from '../../../administration/clients/shown-clients.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { isoTime, present } from '../../../administration/documents/meta.js';
import type { HandOver } from '../../../clients/hand-over/hand-over.entity.js';
import { HandOversRepository } from '../../../clients/hand-over/hand-overs.repository.js';
import { durationOf } from '../../../clients/usage/unused-search.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound, unreadable } from '../../../protocol/problem.js';
import { nowMilliseconds } from '../../../runtime/clock.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { readQuery } from '../access/query-string.js';
import { Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import type { AdminRequest } from '../caller/admin-request.js';

const DEFAULT_IDLE = '7d';
/** Uses are written every ten seconds, and those of a killed process are lost. */
const MIN_IDLE_MS = 3_600_000;
const MAX_IDLE_MS = 400 * 86_400_000;

/** `/Client/:id/$rotation`: which of the client's secrets can be ended. */
@AdminController('Client')
export class RotationController {
  constructor(
    private readonly clients: ShownClients,
    private readonly handOvers: HandOversRepository,
  ) {}

  @Get(':id/$rotation')
  @Takes({ query: ['idle'] })
  @RequiresPermission('read')
  async show(@Param('id') id: string, @Req() request: AdminRequest): Promise<Answer> {
    const { idle, milliseconds } = requestedIdle(request.url);
    const client = isId(id) ? await this.clients.find(id) : null;
    if (!client) throw notFound('Client', id);
    return ok({
      resourceType: 'Client',
      id,
      idle,
      secrets: client.secrets.map((secret) => judgedSecret(secret, client, milliseconds)),
      hand_overs: (await this.handOvers.pendingOf(id)).map(pendingView),
    });
  }
}

function judgedSecret(
  secret: ShownClient['secrets'][number],
  client: ShownClient,
  idleMs: number,
): JsonObject {
  const { code, safeToEnd, text, lastUse } = verdictOf(secret, client, idleMs, nowMilliseconds());
  return present({
    ...secretView(secret),
    address: lastUse?.address,
    user_agent: lastUse?.userAgent,
    verdict: { code, safe_to_end: safeToEnd, text },
  });
}

const pendingView = ({ secretId, description, madeBy, createdAt, expiresAt }: HandOver): JsonObject =>
  present({
    secret_id: secretId,
    description: description ?? undefined,
    made_by: { resourceType: 'Client', id: madeBy },
    created: isoTime(createdAt),
    link_expires: isoTime(expiresAt),
  });

/** For how long a secret must not have been used. */
function requestedIdle(url: string): { idle: string; milliseconds: number } {
  const [, idle = DEFAULT_IDLE] = readQuery(url).find(([name]) => name === 'idle') ?? [];
  const milliseconds = durationOf(idle) ?? 0;
  if (milliseconds >= MIN_IDLE_MS && milliseconds <= MAX_IDLE_MS) return { idle, milliseconds };
  throw unreadable('the query contains unsupported or invalid parameters', [
    { path: 'idle', message: 'must be a number of s, m, h, d or w, from 1h to 400d, such as 7d' },
  ]);
}
