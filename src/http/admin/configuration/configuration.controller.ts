import { Delete, Get, Param, Patch, Post, Put, Req } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import type { ConfigurationDeletions } from '../../../administration/configuration/configuration-deletions.js';
import type { ConfigurationType } from '../../../administration/configuration/configuration-type.js';
import type { ConfigurationWrites } from '../../../administration/configuration/configuration-writes.js';
import type { Preconditions } from '../../../administration/configuration/preconditions.js';
import type { Stored } from '../../../administration/documents/stored.js';
import type { SearchDefinition } from '../../../database/search/search-definition.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { RequestPreconditions } from '../access/request-preconditions.js';
import { DRY_RUN, MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import type { Answer } from '../answer/answer.js';
import { RequestBody, type UnreadBody, UnreadBodyPipe } from '../body/request-body.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { isDryRun, rehearsalAnswer, removalAnswer, savedAnswer } from './configuration-answers.js';
import type { ConfigurationReads } from './configuration-reads.js';

/** The routes common to all types of configuration. */
export abstract class ConfigurationController<T extends Stored, P> {
  protected constructor(
    private readonly type: ConfigurationType<T, P>,
    private readonly search: SearchDefinition,
    private readonly reads: ConfigurationReads,
    private readonly writes: ConfigurationWrites,
    private readonly deletions: ConfigurationDeletions,
  ) {}

  @Get()
  @Takes({ query: 'search' })
  @RequiresPermission('read')
  list(@AuthenticatedCaller() caller: Caller, @Req() request: AdminRequest): Promise<Answer> {
    return this.reads.list(this.type, this.search, caller, request);
  }

  @Get(':id')
  @RequiresPermission('read')
  show(@Param('id') id: string): Promise<Answer> {
    return this.reads.show(this.type, id);
  }

  @Post()
  async create(
    @AuthenticatedCaller() caller: Caller,
    @RequestBody(UnreadBodyPipe) body: UnreadBody,
  ): Promise<Answer> {
    return savedAnswer(this.type.name, await this.writes.create(this.type, caller, body));
  }

  @Put(':id')
  @Takes({ preconditions: true })
  async put(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestBody(UnreadBodyPipe) body: UnreadBody,
    @RequestPreconditions() preconditions: Preconditions,
  ): Promise<Answer> {
    const saved = await this.writes.replace(this.type, caller, id, body, preconditions);
    return savedAnswer(this.type.name, saved);
  }

  @Patch(':id')
  @Takes({ preconditions: true })
  @RequiresPermission('update')
  async patch(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestBody(UnreadBodyPipe) body: UnreadBody,
    @RequestPreconditions() preconditions: Preconditions,
  ): Promise<Answer> {
    return savedAnswer(this.type.name, await this.writes.patch(this.type, caller, id, body, preconditions));
  }

  @Delete(':id')
  @Takes({ query: [DRY_RUN], preconditions: true, maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @RequiresPermission('delete')
  async remove(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') id: string,
    @RequestPreconditions() preconditions: Preconditions,
    @Req() request: AdminRequest,
  ): Promise<Answer> {
    if (isDryRun(request.url)) {
      return rehearsalAnswer(await this.deletions.rehearse(this.type, caller, id, preconditions));
    }
    return removalAnswer(await this.deletions.remove(this.type, caller, id, preconditions));
  }
}
