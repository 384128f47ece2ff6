import type { UnregisteredAudience } from '../../config/settings.js';
import { coversBareAudiences } from '../../policies/whole-grant.js';
import type { Catalog } from '../../resources/catalog.js';
import { atOnce } from '../../runtime/slices.js';
import { grantsItemOf } from './granted-item.js';
import type { LayeredPolicies } from './layered-policies.js';

/** The audiences for which a client can have tokens: by its list, its policies, and the setting for unregistered ones. */
export class AudienceReach {
  /** `list`: absent if the client has none. `setting`: `deny` counts as `policy`, because it may be changed. */
  constructor(
    private readonly id: string,
    readonly list: readonly string[] | undefined,
    readonly policies: LayeredPolicies,
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
    return atOnce(this.find(audience, catalog));
  }

  /** The same, to run in slices. */
  *find(audience: string, catalog: Catalog): Generator<void, boolean> {
    if (!catalog.isAudience(audience)) return this.hasUnregistered(audience);
    if (this.list?.includes(audience) === false) return false;
    if (audience === catalog.ownAudience || coversBareAudiences(this.policies, catalog, [audience]))
      return true;
    return yield* grantsItemOf(audience, catalog, this.policies);
  }
}
