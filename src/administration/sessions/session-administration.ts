import { Injectable } from '@nestjs/common';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import { Admissions } from '../../clients/federation/admissions.js';
import { isId } from '../../protocol/identifier.js';
import { notFound, unreadable } from '../../protocol/problem.js';
import type { Session } from '../../sessions/session.js';
import type { Closing } from '../../sessions/session-notes.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { IntrospectionService } from '../../tokens/introspection/introspection.service.js';
import { agentOf, type Caller } from '../access/permissions.js';
import { type AdminOperation, lacking, Permits } from '../access/permits.js';
import { Writers } from '../access/writer.js';

/** Finds and closes sessions. A client can always see its own; a token with a scope closes only its own family. */
@Injectable()
export class SessionAdministration {
  constructor(
    private readonly sessions: SessionsService,
    private readonly permits: Permits,
    private readonly writers: Writers,
    private readonly admissions: Admissions,
    private readonly introspection: IntrospectionService,
  ) {}

  /** A caller that may not see all sessions learns nothing about those of others, not even whether one exists. */
  async require(caller: Caller, id: string, operation: AdminOperation): Promise<Session> {
    const session = await this.find(id);
    if (session && (await this.mayReach(caller, session, operation))) return this.judged(session);
    if (!session && (await this.permits.has(caller, 'Session', ALL, 'read'))) throw notFound('Session', id);
    throw lacking('Session', ALL, operation);
  }

  /** Throws 403 if the session exists and the caller may not close it. */
  async findToClose(caller: Caller, id: string): Promise<Session | undefined> {
    const session = await this.find(id);
    if (session && !(await this.mayReach(caller, session, 'delete'))) throw lacking('Session', ALL, 'delete');
    return session && this.judged(session);
  }

  /** Live as introspection means active. */
  async judged(session: Session): Promise<Session> {
    return session.live && !(await this.introspection.isActive(session))
      ? { ...session, live: false }
      : session;
  }

  /** Checks the caller again: the body may have taken long to arrive. */
  async close(caller: Caller, session: Session): Promise<void> {
    if (await this.isOwn(caller, session)) await this.writers.current(caller);
    else await this.writers.require(caller, 'Session', session.clientId, 'delete');
    await this.sessions.close(session.id, closedBy(caller));
  }

  /** The session as it is after it was closed. */
  async closed(session: Session): Promise<Session> {
    return (await this.find(session.id)) ?? { ...session, live: false };
  }

  /** The session of the presented token. */
  async closeOwn(caller: Caller): Promise<void> {
    if (!caller.session)
      throw unreadable('add the parameter client, or send the access token whose session is to be closed');
    // A revoked token has no power over its family either (RFC 7009 2). One that is only invalid for now closes it.
    const session = await this.sessions.findPresented(caller.session.id);
    if (session?.live) await this.sessions.close(caller.session.id, closedBy(caller));
  }

  async closeAllOf(caller: Caller, clientId: string): Promise<void> {
    const isOwn = clientId === caller.clientId && !caller.session?.scope;
    if (!isOwn) await this.permits.require(caller, 'Session', clientId, 'delete');
    await this.sessions.closeAllOf(clientId, agentOf(caller), async () => {
      if (isOwn) await this.writers.current(caller);
      else await this.writers.require(caller, 'Session', clientId, 'delete');
    });
  }

  /** Closes the open sessions of a workload, within the templates whose sessions the caller may close. */
  async closeWorkload(caller: Caller, workload: string): Promise<void> {
    const templates: string[] = [];
    for (const template of await this.admissions.templates()) {
      if (await this.permits.has(caller, 'Session', template, 'delete')) templates.push(template);
    }
    if (templates.length === 0) throw lacking('Session', ALL, 'delete');
    for (const template of templates) await this.writers.require(caller, 'Session', template, 'delete');
    for (let ids: string[] = []; ; ) {
      ids = await this.sessions.openOfWorkload(templates, workload);
      if (ids.length === 0) return;
      await Promise.all(ids.map((id) => this.sessions.close(id, closedBy(caller))));
    }
  }

  private async find(id: string): Promise<Session | undefined> {
    return isId(id) ? this.sessions.find(id) : undefined;
  }

  private async mayReach(caller: Caller, session: Session, operation: AdminOperation): Promise<boolean> {
    const isOwn =
      operation === 'read' ? session.clientId === caller.clientId : await this.isOwn(caller, session);
    return isOwn || this.permits.has(caller, 'Session', session.clientId, operation);
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
