import { Delete, Get, Param, Patch, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../../tokens/permissions.js';
import { AdminDoor } from '../access/admin-door.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { sendAnswer } from '../answer/answer.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { SessionDoor } from './session-door.js';

/** `/Session`: written by the server alone, so nothing is created or replaced here. */
@AdminDoor('Session')
export class SessionsController {
  constructor(private readonly door: SessionDoor) {}

  @Get()
  @Takes({ query: 'search' })
  async list(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.door.list(caller, request));
  }

  @Get(':id')
  async show(@AuthenticatedCaller() caller: Caller, @Param('id') id: string, @Res() reply: FastifyReply) {
    sendAnswer(reply, await this.door.show(caller, id));
  }

  @Patch(':id')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async patch(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.door.patch(caller, id, request));
  }

  @Delete()
  @Takes({ query: ['client'], maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async removeMany(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.door.removeMany(caller, request.url));
  }

  @Delete(':id')
  @Takes({ preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async remove(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.door.remove(caller, id, request));
  }
}
