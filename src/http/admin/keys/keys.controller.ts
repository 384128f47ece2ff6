import { Get, Param, Post, Req } from '@nestjs/common';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import { agentOf, type Caller } from '../../../administration/access/permissions.js';
import { Writers } from '../../../administration/access/writer.js';
import { etagOf } from '../../../administration/documents/meta.js';
import { KeyRotation, type RotationRequest } from '../../../keys/key-rotation.service.js';
import { KEY_SEARCH } from '../../../keys/signing-key.search.js';
import { SigningKeysRepository } from '../../../keys/signing-keys.repository.js';
import { notFound } from '../../../protocol/problem.js';
import { sharedMilliseconds } from '../../../runtime/clock.js';
import { AdminController } from '../access/admin-controller.js';
import { RequiresPermission } from '../access/permission.guard.js';
import { MAX_SMALL_BODY_BYTES, Takes } from '../access/takes.js';
import { type Answer, ok } from '../answer/answer.js';
import { OperationPipe, RequestBody } from '../body/request-body.js';
import { type AdminRequest, AuthenticatedCaller } from '../caller/admin-request.js';
import { BundleSearch } from '../search/bundle-search.js';
import { keyView } from './key.view.js';
import { RotateMembers } from './rotate.dto.js';

/** `/SigningKey`: a read-only list, and `$rotate`. */
@AdminController('SigningKey')
export class KeysController {
  constructor(
    private readonly keys: SigningKeysRepository,
    private readonly rotation: KeyRotation,
    private readonly bundles: BundleSearch,
    private readonly writers: Writers,
  ) {}

  @Get()
  @Takes({ query: 'search' })
  @RequiresPermission('read')
  async list(@AuthenticatedCaller() caller: Caller, @Req() request: AdminRequest): Promise<Answer> {
    const views = async (ids: readonly string[]) =>
      (await this.views()).filter(({ id }) => ids.includes(String(id)));
    return ok(await this.bundles.run(KEY_SEARCH, caller, request, views));
  }

  @Get(':id')
  @RequiresPermission('read')
  async show(@Param('id') kid: string): Promise<Answer> {
    const view = (await this.views()).find(({ id }) => id === kid);
    if (!view) throw notFound('SigningKey', kid);
    return ok(view, { etag: etagOf(1) });
  }

  @Post('$rotate')
  @Takes({ maxBodyBytes: MAX_SMALL_BODY_BYTES })
  @RequiresPermission('rotate')
  async rotate(
    @AuthenticatedCaller() caller: Caller,
    @RequestBody(new OperationPipe(RotateMembers)) { immediately = false, compromised }: RotateMembers,
  ): Promise<Answer> {
    const added = await this.carryOut(immediately, compromised, {
      agent: agentOf(caller),
      assertPermitted: async () => {
        await this.writers.require(caller, 'SigningKey', ALL, 'rotate');
      },
    });
    const kids = new Set(added.map(({ kid }) => kid));
    return ok({ added: (await this.views()).filter(({ id }) => kids.has(String(id))) });
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
