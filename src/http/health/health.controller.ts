import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { ConfigurationRevision } from '../../database/configuration-revision.js';
import { DurableWriter } from '../../database/durable-writer.js';
import { FirstAdministrator } from '../../policies/first-administrator.js';
import { ShutdownState } from './shutdown-state.js';

/** Whether the process runs, and whether it can serve. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly revision: ConfigurationRevision,
    private readonly administrator: FirstAdministrator,
    private readonly shutdown: ShutdownState,
    private readonly writer: DurableWriter,
    private readonly clock: AgreedClock,
  ) {}

  @Get('live')
  live(@Res() reply: FastifyReply): void {
    answer(reply, 200, 'live');
  }

  /** The server listens only once migrations are done: the administrator and an answer of the database are left to ask. */
  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    if (this.shutdown.isStopping) return refuse(reply, 'stopping');
    if (!this.administrator.settled) return refuse(reply, 'starting');
    if (!this.writer.isUsable) return refuse(reply, 'the database does not take writes');
    const ready = await Promise.resolve(this.revision.current()).then(
      () => true,
      () => false,
    );
    if (ready) answer(reply, 200, 'ready', { clock_skew_ms: this.clock.skewMilliseconds() });
    else refuse(reply, 'the database does not answer');
  }
}

function refuse(reply: FastifyReply, status: string): void {
  reply.header('retry-after', '1');
  answer(reply, 503, status);
}

function answer(reply: FastifyReply, code: number, status: string, more: object = {}): void {
  reply
    .code(code)
    .header('cache-control', 'no-store')
    .send({ status, ...more });
}
