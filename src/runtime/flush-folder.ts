import { closeSync, fsyncSync, openSync } from 'node:fs';

/** A new name is durable only when its directory is flushed. Windows cannot open directories and writes names through. */
export function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
