import { Delete, Get, Param, Patch, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../../tokens/permissions.js';
import { AdminDoor } from '../access/admin-door.js';
import { type AdminRequest, AuthenticatedCaller } from '../access/admin-request.js';
import { sendAnswer } from '../answer/answer.js';
import { SessionDoor } from './session-door.js';

/** `/Session`: written by the server alone, so nothing is created or replaced here. */
@AdminDoor('Session')
export class SessionsController {
  constructor(private readonly door: SessionDoor) {}

  @Get()
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
  async patch(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.door.patch(caller, id, request));
  }

  @Delete()
  async removeMany(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.door.removeMany(caller, request.url));
  }

  @Delete(':id')
  async remove(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.door.remove(caller, id, request));
  }
}
