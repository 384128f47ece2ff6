import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ConfigurationRevision } from '../../database/configuration-revision.js';

/** Whether the process runs, and whether it can serve. */
@Controller('health')
export class HealthController {
  constructor(private readonly revision: ConfigurationRevision) {}

  @Get('live')
  live(@Res() reply: FastifyReply): void {
    answer(reply, 200, 'live');
  }

  /** The server listens only once migrations are done, so that an answer of the database is what is left to ask. */
  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const ready = await Promise.resolve(this.revision.current()).then(
      () => true,
      () => false,
    );
    if (!ready) reply.header('retry-after', '1');
    answer(reply, ready ? 200 : 503, ready ? 'ready' : 'the database does not answer');
  }
}

function answer(reply: FastifyReply, code: number, status: string): void {
  reply
    .code(code)
    .headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    .send({ status });
}
