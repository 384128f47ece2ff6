import { Delete, Get, Param, Patch, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../../tokens/permissions.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { sendAnswer } from '../answer/answer.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import type { ConfigurationReads } from './configuration-reads.js';
import type { ConfigurationType, Stored } from './configuration-type.js';
import type { ConfigurationWrites } from './configuration-writes.js';
import { DRY_RUN } from './removal.js';

/** The routes common to all types of configuration. */
export abstract class ConfigurationController<T extends Stored, P> {
  protected constructor(
    private readonly type: ConfigurationType<T, P>,
    private readonly reads: ConfigurationReads,
    private readonly writes: ConfigurationWrites,
  ) {}

  @Get()
  @Takes({ query: 'search' })
  async list(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.reads.list(this.type, caller, request));
  }

  @Get(':id')
  async show(@AuthenticatedCaller() caller: Caller, @Param('id') id: string, @Res() reply: FastifyReply) {
    sendAnswer(reply, await this.reads.show(this.type, caller, id));
  }

  @Post()
  async create(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.writes.post(this.type, caller, request));
  }

  @Put(':id')
  @Takes({ preconditions: true })
  async put(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.writes.put(this.type, caller, request, id));
  }

  @Patch(':id')
  @Takes({ preconditions: true })
  async patch(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.writes.patch(this.type, caller, request, id));
  }

  @Delete(':id')
  @Takes({ query: [DRY_RUN], preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  async remove(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ) {
    sendAnswer(reply, await this.writes.remove(this.type, caller, request, id));
  }
}
