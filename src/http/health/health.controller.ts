import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { FirstAdministrator } from '../../administration/administrators/first-administrator.js';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { Readiness } from './readiness.js';
import { ShutdownState } from './shutdown-state.js';

/** Liveness and readiness. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly administrator: FirstAdministrator,
    private readonly shutdown: ShutdownState,
    private readonly readiness: Readiness,
    private readonly clock: AgreedClock,
  ) {}

  @Get('live')
  live(@Res() reply: FastifyReply): void {
    answer(reply, 200, { status: 'live' });
  }

  /** Whether a token could be issued now: the server listens only after migrations, and the rest is probed. */
  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    if (this.shutdown.isStopping) return refuse(reply, { status: 'stopping' });
    if (!this.administrator.settled) return refuse(reply, { status: 'starting' });
    const fault = await this.readiness.check();
    if (fault) refuse(reply, fault);
    else answer(reply, 200, { status: 'ready', clock_skew_ms: this.clock.skewMilliseconds() });
  }
}

function refuse(reply: FastifyReply, body: object): void {
  reply.header('retry-after', '1');
  answer(reply, 503, body);
}

function answer(reply: FastifyReply, code: number, body: object): void {
  reply.code(code).header('cache-control', 'no-store').send(body);
}
