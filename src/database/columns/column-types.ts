import type { ValueTransformer } from 'typeorm';

/** Epoch milliseconds and versions: MySQL's driver returns a bigint as a string. */
export const wholeNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (isNothing(value) ? value : Number(value)),
};

/** The value of a nullable text column read without TypeORM. */
export const textOrNull = (value: unknown): string | null => (isNothing(value) ? null : String(value));

export const numberOrNull = (value: unknown): number | null => (isNothing(value) ? null : Number(value));

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

/** Lists and objects as JSON text, the same on every engine. */
export const json: ValueTransformer = {
  to: (value: unknown) => (isNothing(value) ? value : JSON.stringify(value)),
  from: (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value),
};
