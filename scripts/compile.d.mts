export function compileIfNeeded(): Promise<void>;
