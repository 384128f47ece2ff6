import type { ClientDifference } from './client-difference.js';

const MAX_LISTED = 100;

export interface ListedClient extends ClientDifference {
  id: string;
  name: string | null;
}

/** Counts what clients gain and lose, and lists the clients that lose most. */
export class DifferenceTotals {
  lost = 0;
  gained = 0;
  losing = 0;
  gaining = 0;
  /** Whether everything that could differ was decided. */
  isComplete = true;
  /** Clients that differ; only some of them are listed. */
  clients = 0;
  private kept: ListedClient[] = [];

  /** `isRestricted`: whether the caller may not read every client. */
  constructor(readonly isRestricted: boolean) {}

  add(id: string, name: string | null, difference: ClientDifference): void {
    const { lost, gained, isComplete } = difference;
    this.isComplete &&= isComplete;
    if (lost.total + gained.total === 0) return;
    this.lost += lost.total;
    this.gained += gained.total;
    this.losing += Number(lost.total > 0);
    this.gaining += Number(gained.total > 0);
    this.clients++;
    this.kept.push({ ...difference, id, name });
    if (this.kept.length === 2 * MAX_LISTED) this.kept = this.listed;
  }

  get listed(): ListedClient[] {
    return [...this.kept].sort(byLoss).slice(0, MAX_LISTED);
  }
}

const byLoss = (one: ListedClient, other: ListedClient): number =>
  other.lost.total - one.lost.total || other.gained.total - one.gained.total || (one.id < other.id ? -1 : 1);
