import type { OnApplicationShutdown } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { AccessLines } from '../../config/log.js';
import type { AdminRequest } from '../admin/caller/admin-request.js';
import type { OAuthHttpRequest } from '../oauth/oauth-http-request.js';
import type { ObservedRequest } from '../request/observed-request.js';
import { clientAddress } from '../request/remote-address.js';
import { kindOf } from './observed-routes.js';

/** One line for each response. Neither paths nor queries are logged: people send secrets in them by mistake. */
export class AccessLog implements OnApplicationShutdown {
  constructor(private readonly lines: AccessLines) {}

  /** Called when a response has been sent. Probes of a load balancer would outnumber all other lines. */
  observe(request: ObservedRequest, reply: FastifyReply): void {
    const { url: route } = request.routeOptions;
    if (kindOf(route) === 'health') return;
    this.lines.write(
      {
        request: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        result: request.result,
        client: authenticatedClient(request),
        address: clientAddress(request),
        duration_ms: Math.round(reply.elapsedTime * 100) / 100,
      },
      'request served',
    );
  }

  onApplicationShutdown(): void {
    this.lines.flush();
  }
}

/** Never an id that was only presented. */
function authenticatedClient(request: ObservedRequest): string | undefined {
  const { user, caller, clientId } = request as OAuthHttpRequest & AdminRequest;
  return user?.id ?? caller?.clientId ?? clientId;
}
