import type { JsonObject } from './merge-patch.js';
import type { Stored } from './stored.js';

export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The members that every resource of the administrator's REST begins with. */
export const headOf = (resourceType: string, { id, version, createdAt, updatedAt }: Stored): JsonObject => ({
  resourceType,
  id,
  meta: { versionId: String(version), createdAt: isoTime(createdAt), lastUpdated: isoTime(updatedAt) },
});

export const etagOf = (version: number): string => `"${version}"`;

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Omits members that are undefined. */
export const present = <T extends object>(members: T): Present<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;
