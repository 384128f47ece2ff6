import { Delete, Get, Param, Patch, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../../tokens/permissions.js';
import { AdminController } from '../access/admin-controller.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { sendAnswer } from '../answer/answer.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { SessionAdministration } from './session-administration.js';

/** `/Session`: only the server creates sessions, so there is no POST or PUT. */
@AdminController('Session')
export class SessionsController {
  constructor(private readonly administration: SessionAdministration) {}

  @Get()
  @Takes({ query: 'search' })
  async list(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.administration.list(caller, request));
  }

  @Get(':id')
  async show(@AuthenticatedCaller() caller: Caller, @Param('id') id: string, @Res() reply: FastifyReply) {
    sendAnswer(reply, await this.administration.show(caller, id));
  }

  @Patch(':id')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async patch(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.administration.patch(caller, id, request));
  }

  @Delete()
  @Takes({ query: ['client'], maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async removeMany(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.administration.removeMany(caller, request.url));
  }

  @Delete(':id')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async remove(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.administration.remove(caller, id, request));
  }
}
