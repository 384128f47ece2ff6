import { Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import { KeyRotation, type RotationRequest } from '../../../keys/key-rotation.service.js';
import { SigningKeysRepository } from '../../../keys/signing-keys.repository.js';
import { notFound } from '../../../protocol/problem.js';
import { sharedMilliseconds } from '../../../runtime/clock.js';
import { agentOf, type Caller } from '../../../tokens/permissions.js';
import { AdminController } from '../access/admin-controller.js';
import { Permits } from '../access/permits.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { Writers } from '../access/writer.js';
import { ok, sendAnswer } from '../answer/answer.js';
import { readOptionalBody } from '../body/body-reader.js';
import { MembersReading } from '../body/members.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { etagOf } from '../configuration/meta.js';
import { BundleSearch } from '../search/bundle-search.js';
import { KEY_SEARCH } from './key.search.js';
import { keyView } from './key.view.js';
import { RotateMembers } from './rotate.dto.js';

/** `/SigningKey`: a read-only list, and `$rotate`. */
@AdminController('SigningKey')
export class KeysController {
  constructor(
    private readonly keys: SigningKeysRepository,
    private readonly rotation: KeyRotation,
    private readonly bundles: BundleSearch,
    private readonly permits: Permits,
    private readonly writers: Writers,
  ) {}

  @Get()
  @Takes({ query: 'search' })
  async list(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.permits.require(caller, 'SigningKey', ALL, 'read');
    const views = async (ids: readonly string[]) =>
      (await this.views()).filter(({ id }) => ids.includes(String(id)));
    sendAnswer(reply, ok(await this.bundles.run(KEY_SEARCH, caller, request, views)));
  }

  @Get(':id')
  async show(
    @AuthenticatedCaller() caller: Caller,
    @Param('id') kid: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.permits.require(caller, 'SigningKey', kid, 'read');
    const view = (await this.views()).find(({ id }) => id === kid);
    if (!view) throw notFound('SigningKey');
    sendAnswer(reply, ok(view, { etag: etagOf(1) }));
  }

  @Post('$rotate')
  @Takes({ maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @HttpCode(200)
  async rotate(
    @AuthenticatedCaller() caller: Caller,
    @Req() request: AdminRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.permits.require(caller, 'SigningKey', ALL, 'rotate');
    const { immediately = false, compromised } = new MembersReading(
      RotateMembers,
      readOptionalBody(request),
    ).take();
    const added = await this.carryOut(immediately, compromised, {
      agent: agentOf(caller),
      assertPermitted: async () => {
        await this.writers.require(caller, 'SigningKey', ALL, 'rotate');
      },
    });
    const kids = new Set(added.map(({ kid }) => kid));
    sendAnswer(reply, ok({ added: (await this.views()).filter(({ id }) => kids.has(String(id))) }));
  }

  private carryOut(immediately: boolean, compromised: string | undefined, order: RotationRequest) {
    if (compromised !== undefined) return this.rotation.removeCompromised(compromised, order);
    return immediately ? this.rotation.rotateImmediately(order) : this.rotation.announce(order);
  }

  private async views() {
    const all = await this.keys.all();
    const now = sharedMilliseconds();
    return all.map((key) => keyView(key, all, now));
  }
}
