export function findLeaks(folder: string | undefined): { lines: number; leaks: string[] };
