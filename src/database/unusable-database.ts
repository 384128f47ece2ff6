import { InvalidSetting } from '../config/invalid-setting.js';
import type { DatabaseEngine } from './engine/engine.js';

/** This server must not use the database; the message says why, and is reported with the setting that names it. */
export class UnusableDatabase extends Error {}

export const foreignTable = (name: string): UnusableDatabase =>
  new UnusableDatabase(`the database has a table ${name} that is not Latchkey's; use a database of its own`);

/** Explains an error that stops the start; returns an error of the program unchanged. */
export const settingErrorOf = async (
  engine: DatabaseEngine,
  setting: string,
  error: unknown,
): Promise<unknown> =>
  error instanceof UnusableDatabase
    ? new InvalidSetting(setting, error.message)
    : engine.settingError(setting, error);

/** Blames errors of the database on its setting. */
export async function withSettingErrors<T>(engine: DatabaseEngine, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await settingErrorOf(engine, 'DATABASE_URL', error);
  }
}
