import type { ValueTransformer } from 'typeorm';

/** Epoch milliseconds and versions: MySQL's driver hands a bigint over as a string. */
export const wholeNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value === null || value === undefined ? value : Number(value)),
};

/** Lists and objects as JSON text, the same on both engines. */
export const json: ValueTransformer = {
  to: (value: unknown) => (value === null || value === undefined ? value : JSON.stringify(value)),
  from: (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value),
};
