import type { LastUse } from '../usage/last-use.js';

/** Its origin was determined at `originAt`. */
export type Noted = LastUse & { originAt: number };

/** Uses that are to be written, one for each credential. */
export class UnwrittenUses {
  private readonly byId = new Map<string, Noted>();
  private readonly byClient = new Map<string, Noted[]>();

  get size(): number {
    return this.byId.size;
  }

  find(id: string): Noted | undefined {
    return this.byId.get(id);
  }

  add(use: Noted): void {
    this.byId.set(use.id, use);
    const ofClient = this.byClient.get(use.clientId);
    if (ofClient) ofClient.push(use);
    else this.byClient.set(use.clientId, [use]);
  }

  ofClient(clientId: string): Noted[] {
    return this.byClient.get(clientId)?.filter(({ id }) => this.byId.has(id)) ?? [];
  }

  first(count: number): Noted[] {
    const some: Noted[] = [];
    for (const use of this.byId.values()) if (some.push(use) === count) break;
    return some;
  }

  remove(uses: readonly Noted[]): void {
    for (const { id } of uses) this.byId.delete(id);
  }
}
