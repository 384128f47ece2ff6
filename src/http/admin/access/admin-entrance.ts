import { Injectable } from '@nestjs/common';
import type { FastifyReply, RouteOptions } from 'fastify';
import { Settings } from '../../../config/settings.js';
import { Problem } from '../../../protocol/problem.js';
import { isForeignRequest } from '../../request/browser-request.js';
import { FOREIGN_HOST, OwnHosts } from '../../request/own-hosts.js';
import { ProblemFilter } from '../answer/problem.filter.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { AdminGuard } from './admin.guard.js';
import { DECISION_POINT_PATH, echoRequestId } from './request-id.js';
import { inputOf } from './takes.js';
import { assertKnownInput, assertNoBodyOfDeletion } from './unknown-input.js';

/**
 * Judges what it can of a request before its body is read, so that unauthenticated callers cannot make the server
 * buffer one.
 */
@Injectable()
export class AdminEntrance {
  private readonly ownOrigin: string;
  private readonly hosts: OwnHosts;

  constructor(
    private readonly guard: AdminGuard,
    private readonly filter: ProblemFilter,
    settings: Settings,
  ) {
    this.ownOrigin = new URL(settings.publicUrl).origin;
    this.hosts = new OwnHosts(settings, settings.trustedProxies);
  }

  /** Adds these checks to a route of the administration API. */
  protect(route: RouteOptions): void {
    const { maxBodyBytes } = inputOf(route.config);
    if (maxBodyBytes !== undefined) route.bodyLimit = maxBodyBytes;
    const echoesId = route.url.startsWith(DECISION_POINT_PATH);
    route.onRequest = (request, reply) => {
      if (echoesId) echoRequestId(request, reply);
      return this.admit(request, reply);
    };
    if (route.method === 'DELETE') {
      route.preValidation = (request, reply) => this.attempt(reply, () => assertNoBodyOfDeletion(request));
    }
  }

  private admit(request: AdminRequest, reply: FastifyReply): Promise<unknown> {
    return this.attempt(reply, async () => {
      if (isForeignRequest(request.method, request.headers, this.ownOrigin)) {
        throw new Problem(403, 'Forbidden', 'requests from pages of another origin are not allowed');
      }
      if (this.hosts.isForeign(request)) throw new Problem(403, 'Forbidden', FOREIGN_HOST);
      await this.guard.authenticate(request);
      assertKnownInput(request);
    });
  }

  /** A hook sends its rejection itself: Nest's exception filters handle only what a controller throws. */
  private async attempt(reply: FastifyReply, judge: () => void | Promise<void>): Promise<unknown> {
    try {
      await judge();
      return undefined;
    } catch (error) {
      this.filter.write(error, reply);
      return reply;
    }
  }
}
