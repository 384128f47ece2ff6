import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const program = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find(isExecutable);

/** In CI a missing browser is a failure, not a reason to skip. */
export const canBrowse = program !== undefined || process.env.CI !== undefined;

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The distribution's Chromium, with a new profile. */
export function startBrowser(...more: string[]): Promise<Browser> {
  if (program === undefined) throw new Error('chromium is not installed');
  return chromium.launch({ executablePath: program, headless: true, args: [...ARGUMENTS, ...more] });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
