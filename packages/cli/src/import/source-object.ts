import type { JsonObject } from '../connection.js';
import type { Reason, Report } from './report.js';

/** Reasons of members that have no place here; `unless` is a value that means the same as leaving them out. */
export type Reasons = Readonly<Record<string, Reason & { unless?: unknown }>>;

const UNKNOWN: Reason = { group: 'unknown', why: 'this importer does not know the member' };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const textsOf = (value: unknown): string[] =>
  listOf(value).filter((item): item is string => typeof item === 'string');

export const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/** An object of the source: each of its members is accounted for once. */
export class SourceObject {
  private readonly left: Map<string, unknown>;

  constructor(
    private readonly report: Report,
    readonly name: string,
    private readonly members: JsonObject,
    private readonly path = '',
  ) {
    this.left = new Map(Object.entries(members).filter(([, value]) => value !== undefined));
  }

  /** A member without accounting for it. */
  peek(member: string): unknown {
    return this.members[member];
  }

  imported(member: string, detail?: string): void {
    this.account(member, 'imported', detail);
  }

  changed(member: string, detail: string): void {
    this.account(member, 'changed', detail);
  }

  lost(member: string, { group, why }: Reason): void {
    this.account(member, 'not_imported', why, group);
  }

  /** Something that the file should have and does not. */
  missing(member: string, { group, why }: Reason): void {
    this.left.set(member, undefined);
    this.account(member, 'not_imported', why, group);
  }

  /** A text that is imported if it is short enough. */
  text(member: string, maxLength: number): string | undefined {
    const value = this.members[member];
    if (isEmpty(value)) return undefined;
    if (typeof value !== 'string') {
      this.lost(member, { group: 'malformed', why: 'is not text' });
      return undefined;
    }
    if ([...value].length <= maxLength) this.imported(member);
    else this.changed(member, `cut to ${maxLength} characters`);
    return [...value].slice(0, maxLength).join('');
  }

  /** An object within this one, whose members are accounted for one by one. */
  nested(member: string): SourceObject | undefined {
    const value = this.members[member];
    if (!isObject(value) || isEmpty(value)) return undefined;
    this.left.delete(member);
    return new SourceObject(this.report, this.name, value, `${this.path}${member}.`);
  }

  /** Accounts for the members that are left: empty ones lose nothing. */
  end(reasons: Reasons = {}): void {
    for (const [member, value] of [...this.left]) {
      const reason = Object.hasOwn(reasons, member) ? reasons[member] : undefined;
      if (isEmpty(value)) this.imported(member, 'empty');
      else if (reason && JSON.stringify(value) === JSON.stringify(reason.unless ?? false)) {
        this.imported(member, 'as here without it');
      } else this.lost(member, reason ?? UNKNOWN);
    }
  }

  /** Accounts for the object as a whole. */
  refuse({ group, why }: Reason): void {
    const members = [...this.left.keys()].map((member) => this.path + member);
    this.left.clear();
    this.report.add({ object: this.name, outcome: 'not_imported', group, detail: why, members });
  }

  private account(
    member: string,
    outcome: 'imported' | 'changed' | 'not_imported',
    detail?: string,
    group?: string,
  ): void {
    if (!this.left.delete(member)) return;
    this.report.add({
      object: this.name,
      member: this.path + member,
      outcome,
      ...(group === undefined ? {} : { group }),
      ...(detail === undefined ? {} : { detail }),
    });
  }
}
