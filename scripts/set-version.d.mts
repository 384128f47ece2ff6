/** A file, and what it contains of a version. */
export const PLACES: readonly (readonly [file: string, textOf: (version: string) => string])[];
