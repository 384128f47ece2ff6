import { Injectable } from '@nestjs/common';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound, unreadable } from '../../../protocol/problem.js';
import { nowMilliseconds } from '../../../runtime/clock.js';
import type { Session } from '../../../sessions/session.js';
import type { Closing } from '../../../sessions/session-notes.js';
import { SessionsService } from '../../../sessions/sessions.service.js';
import { agentOf, type Caller } from '../../../tokens/permissions.js';
import { type AdminOperation, lacking, Permits } from '../access/permits.js';
import { readQuery } from '../access/query-string.js';
import { Writers } from '../access/writer.js';
import { type Answer, NO_CONTENT, ok } from '../answer/answer.js';
import { readBody } from '../body/body-reader.js';
import { MembersReading } from '../body/members.js';
import { changedReadOnly } from '../body/read-only.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { etagOf } from '../configuration/meta.js';
import { refuseStale } from '../configuration/preconditions.js';
import { disagreements } from '../configuration/written.dto.js';
import { BundleSearch } from '../search/bundle-search.js';
import { referredId } from '../search/parameter-kinds.js';
import { SESSION_READ_ONLY, SessionMembers } from './session.dto.js';
import { sessionSearch } from './session.search.js';
import { sessionView, versionOf } from './session.view.js';

/** Every client may write here, so YAML, which is slow to parse, is not accepted. */
const CLOSING_BODY = { jsonOnly: true } as const;

/**
 * Lists, shows and closes sessions. A client can always see its own; a token with a scope closes only its own family.
 */
@Injectable()
export class SessionAdministration {
  constructor(
    private readonly sessions: SessionsService,
    private readonly permits: Permits,
    private readonly writers: Writers,
    private readonly bundles: BundleSearch,
  ) {}

  async list(caller: Caller, request: AdminRequest): Promise<Answer> {
    const own = { sql: 's.client_id = ?', values: [caller.clientId] };
    const all = await this.permits.has(caller, 'Session', ALL, 'read');
    if (!all && readQuery(request.url).some((parameter) => isForAnother(parameter, caller))) {
      throw lacking('Session', ALL, 'read');
    }
    const read = async (ids: readonly string[]) => (await this.sessions.findMany(ids)).map(sessionView);
    return ok(
      await this.bundles.run(sessionSearch(nowMilliseconds(), all), caller, request, read, all ? [] : [own]),
    );
  }

  async show(caller: Caller, id: string): Promise<Answer> {
    return answerOf(await this.reach(caller, id, 'read'));
  }

  /** `PATCH {active: false}`. */
  async patch(caller: Caller, id: string, request: AdminRequest): Promise<Answer> {
    const session = await this.reach(caller, id, 'delete');
    const body = readBody(request, CLOSING_BODY);
    const reading = new MembersReading(SessionMembers, body);
    reading.add(disagreements(body, 'Session', session.id));
    reading.add(changedReadOnly(sessionView(session), body, SESSION_READ_ONLY));
    reading.take();
    refuseStale(request.headers, versionOf(session));
    await this.assertMayClose(caller, session);
    await this.sessions.close(session.id, closedBy(caller));
    return answerOf((await this.find(session.id)) ?? { ...session, live: false });
  }

  /** A session that does not exist counts as closed. */
  async remove(caller: Caller, id: string, request: AdminRequest): Promise<Answer> {
    const session = await this.find(id);
    if (!session) return NO_CONTENT;
    if (!(await this.mayReach(caller, session, 'delete'))) throw lacking('Session', ALL, 'delete');
    refuseStale(request.headers, versionOf(session));
    await this.assertMayClose(caller, session);
    await this.sessions.close(session.id, closedBy(caller));
    return NO_CONTENT;
  }

  /** `DELETE /Session` closes the caller's own session, `DELETE /Session?client=x` all sessions of a client. */
  async removeMany(caller: Caller, url: string): Promise<Answer> {
    const query = readQuery(url);
    if (query.length > 0) return this.removeAllOf(caller, query);
    if (!caller.session)
      throw unreadable('add the parameter client, or send the access token whose session is to be closed');
    // A revoked token has no power over its family either (RFC 7009 2).
    if (caller.session.live) await this.sessions.close(caller.session.id, closedBy(caller));
    return NO_CONTENT;
  }

  private async removeAllOf(caller: Caller, query: ReturnType<typeof readQuery>): Promise<Answer> {
    const [[name, value], ...rest] = query as [(typeof query)[number], ...typeof query];
    const clientId = referredId('Client', value);
    if (name !== 'client' || rest.length > 0 || !isId(clientId)) {
      throw unreadable('the only supported parameter is client', [
        { path: name, message: 'is not supported here' },
      ]);
    }
    const isOwn = clientId === caller.clientId && !caller.session?.scope;
    if (!isOwn) await this.permits.require(caller, 'Session', clientId, 'delete');
    await this.sessions.closeAllOf(clientId, agentOf(caller), async () => {
      if (isOwn) await this.writers.current(caller);
      else await this.writers.require(caller, 'Session', clientId, 'delete');
    });
    return NO_CONTENT;
  }

  /** A caller that may not see all sessions learns nothing about those of others, not even whether one exists. */
  private async reach(caller: Caller, id: string, operation: AdminOperation): Promise<Session> {
    const session = await this.find(id);
    if (session && (await this.mayReach(caller, session, operation))) return session;
    if (!session && (await this.permits.has(caller, 'Session', ALL, 'read'))) throw notFound('Session');
    throw lacking('Session', ALL, operation);
  }

  private async find(id: string): Promise<Session | undefined> {
    return isId(id) ? this.sessions.find(id) : undefined;
  }

  private async mayReach(caller: Caller, session: Session, operation: AdminOperation): Promise<boolean> {
    const isOwn =
      operation === 'read' ? session.clientId === caller.clientId : await this.isOwn(caller, session);
    return isOwn || this.permits.has(caller, 'Session', session.clientId, operation);
  }

  /** Checked again right before closing: the body may have taken long to arrive. */
  private async assertMayClose(caller: Caller, session: Session): Promise<void> {
    if (await this.isOwn(caller, session)) await this.writers.current(caller);
    else await this.writers.require(caller, 'Session', session.clientId, 'delete');
  }

  /** A token with a scope owns only its own session and that session's family. */
  private async isOwn(caller: Caller, session: Session): Promise<boolean> {
    if (session.clientId !== caller.clientId) return false;
    const presented = caller.session;
    if (!presented?.scope || presented.id === session.id) return true;
    return session.familyId !== null && (await this.find(presented.id))?.familyId === session.familyId;
  }
}

const closedBy = (caller: Caller): Closing => ({ reason: 'closed', agent: agentOf(caller) });

const answerOf = (session: Session): Answer => ok(sessionView(session), { etag: etagOf(versionOf(session)) });

const isForAnother = ([name, value]: readonly [string, string], { clientId }: Caller): boolean =>
  name === 'client' && referredId('Client', value) !== clientId;
