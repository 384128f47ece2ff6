import { Delete, Get, Param, Patch, Req } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import type { Preconditions } from '../../../administration/configuration/preconditions.js';
import { etagOf } from '../../../administration/documents/meta.js';
import { SessionAdministration } from '../../../administration/sessions/session-administration.js';
import { isWorkloadId } from '../../../clients/federation/workload.js';
import { referredId } from '../../../database/search/parameter-kinds.js';
import { isId } from '../../../protocol/identifier.js';
import { unreadable } from '../../../protocol/problem.js';
import type { Session } from '../../../sessions/session.js';
import { AdminController } from '../access/admin-controller.js';
import { readQuery } from '../access/query-string.js';
import { RequestPreconditions } from '../access/request-preconditions.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { type Answer, NO_CONTENT, ok } from '../answer/answer.js';
import { RequestBody, type UnreadBody, UnreadBodyPipe } from '../body/request-body.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { assertCloses } from './session.dto.js';
import { sessionView, versionOf } from './session.view.js';
import { SessionList } from './session-list.js';

/** Every client may write here, so YAML, which is slow to parse, is not accepted. */
const CLOSING_BODY = { jsonOnly: true } as const;

/** `/Session`: only the server creates sessions, so there is no POST or PUT. */
@AdminController('Session')
export class SessionsController {
  constructor(
    private readonly sessions: SessionAdministration,
    private readonly lists: SessionList,
  ) {}

  @Get()
  @Takes({ query: 'search' })
  async list(@AuthenticatedCaller() caller: Caller, @Req() request: AdminRequest): Promise<Answer> {
    return ok(await this.lists.read(caller, request));
  }

  @Get(':id')
  async show(@AuthenticatedCaller() caller: Caller, @Param('id') id: string): Promise<Answer> {
    return answerOf(await this.sessions.require(caller, id, 'read'));
  }

  /** `PATCH {active: false}`. */
  @Patch(':id')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async patch(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestBody(UnreadBodyPipe) body: UnreadBody,
    @RequestPreconditions() preconditions: Preconditions,
  ): Promise<Answer> {
    const session = await this.sessions.require(caller, id, 'delete');
    assertCloses(body.read(CLOSING_BODY), session);
    preconditions.assertHold(versionOf(session));
    await this.sessions.close(caller, session);
    return answerOf(await this.sessions.closed(session));
  }

  /** Closes the caller's own session, or with a parameter all sessions of a client, or of a workload. */
  @Delete()
  @Takes({ query: ['client', 'workload'], maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async removeMany(@AuthenticatedCaller() caller: Caller, @Req() request: AdminRequest): Promise<Answer> {
    const [parameter, ...more] = readQuery(request.url);
    if (more.length > 0) throw unreadable('send one of the parameters client and workload');
    if (parameter === undefined) await this.sessions.closeOwn(caller);
    else if (parameter[0] === 'workload') await this.sessions.closeWorkload(caller, workloadOf(parameter[1]));
    else await this.sessions.closeAllOf(caller, clientOf(parameter[1]));
    return NO_CONTENT;
  }

  /** A session that does not exist counts as closed. */
  @Delete(':id')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async remove(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestPreconditions() preconditions: Preconditions,
  ): Promise<Answer> {
    const session = await this.sessions.findToClose(caller, id);
    if (!session) return NO_CONTENT;
    preconditions.assertHold(versionOf(session));
    await this.sessions.close(caller, session);
    return NO_CONTENT;
  }
}

const answerOf = (session: Session): Answer => ok(sessionView(session), { etag: etagOf(versionOf(session)) });

function clientOf(value: string): string {
  const clientId = referredId('Client', value);
  if (isId(clientId)) return clientId;
  throw unreadable('the query contains unsupported or invalid parameters', [
    { path: 'client', message: 'must be the id of a client, as api-client or Client/api-client' },
  ]);
}

function workloadOf(value: string): string {
  if (isWorkloadId(value)) return value;
  throw unreadable('the query contains unsupported or invalid parameters', [
    { path: 'workload', message: 'must be the sub of a workload, as workload:…' },
  ]);
}
