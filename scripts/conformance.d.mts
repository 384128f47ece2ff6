export const DOCUMENT: string;
export function conformance(): { document: string; faults: string[] };
