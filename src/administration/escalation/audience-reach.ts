import { ALL, isSegment } from '../../../packages/protocol/src/scope-item.js';
import type { UnregisteredAudience } from '../../config/settings.js';
import { type CompiledPolicies, UNNAMED } from '../../policies/compiled-policies.js';
import { meaningOf } from '../../policies/decision.js';
import { coversBareAudiences } from '../../policies/whole-grant.js';
import type { Catalog } from '../../resources/catalog.js';

/** The audiences for which a client can have tokens: by its list, its policies, and the setting for unregistered ones. */
export class AudienceReach {
  /** `list`: absent if the client has none. `setting`: `deny` counts as `policy`, because it may be changed. */
  constructor(
    private readonly id: string,
    readonly list: readonly string[] | undefined,
    readonly policies: CompiledPolicies,
    private readonly setting: UnregisteredAudience,
  ) {}

  /** Whether it can have any audience that no resource registers. */
  get hasEveryUnregistered(): boolean {
    return !this.list && (this.setting === 'allow' || this.policies.hasAllowEngine);
  }

  hasUnregistered(audience: string): boolean {
    return this.list?.includes(audience) ?? (this.hasEveryUnregistered || audience === this.id);
  }

  /** Whether it can have a token for this audience, for at least one item if the audience has operations. */
  has(audience: string, catalog: Catalog): boolean {
    if (!catalog.isAudience(audience)) return this.hasUnregistered(audience);
    if (this.list?.includes(audience) === false) return false;
    return (
      audience === catalog.ownAudience ||
      coversBareAudiences(this.policies, catalog, [audience]) ||
      this.hasItemOf(audience, catalog)
    );
  }

  private hasItemOf(audience: string, catalog: Catalog): boolean {
    const context = { catalog, audiences: [audience] };
    return catalog.withAudience(audience).some(
      ({ id, operations }) =>
        this.policies.names(id) &&
        // `*` can be granted on a resource without operations too.
        [ALL, ...operations.map(({ name }) => name)].some((name) => {
          // The grammar cannot express every name; such an operation is granted by its bare name only.
          if (name.includes(':') || !isSegment(name)) {
            return meaningOf(name, context).every((item) => this.policies.grants(item));
          }
          const identifiers = [UNNAMED, ...this.policies.identifiersOf(id, name)];
          return identifiers.some((identifier) =>
            this.policies.grants({ resource: id, identifier, operation: name }),
          );
        }),
    );
  }
}
