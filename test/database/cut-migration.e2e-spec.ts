import { Connection } from 'mysql2';
import { describe, expect, it } from 'vitest';
import { readDatabaseUrl } from '../../src/config/database-url.js';
import type { Settings } from '../../src/config/settings.js';
import { migrate } from '../../src/database/database.module.js';
import { createDatabase, dropDatabase, engine } from '../support/database.js';
import { shapeOf } from '../support/schema.js';

/** What is not done again by the next start: each DDL statement, and the record of a migration. */
const STEPS = /^\s*(create|alter|drop|insert into `migration`)/i;

interface Command {
  sql?: unknown;
  once(event: 'end', listener: () => void): void;
}
interface Line {
  addCommand(command: Command): Command;
  destroy(): void;
}

/** Cuts the connection when the first step has been answered; says whether there was none. */
async function cutAfterAStep(work: () => Promise<unknown>): Promise<boolean> {
  const prototype = Connection.prototype as unknown as Line;
  const { addCommand } = prototype;
  let steps = 0;
  prototype.addCommand = function (this: Line, command: Command) {
    if (typeof command.sql === 'string' && STEPS.test(command.sql)) {
      command.once('end', () => {
        if (++steps === 1) this.destroy();
      });
    }
    return addCommand.call(this, command);
  };
  try {
    await work();
    expect(steps).toBe(0);
  } catch (error) {
    expect(steps, String(error)).toBe(1);
  } finally {
    prototype.addCommand = addCommand;
  }
  return steps === 0;
}

const settingsOf = (url: string) => ({ database: readDatabaseUrl(url, ''), dataDir: '' }) as Settings;

async function onDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const url = await createDatabase();
  try {
    return await work(url);
  } finally {
    await dropDatabase(url);
  }
}

describe('Migrations on a database that commits each DDL statement', {
  timeout: 120_000,
  skip: engine !== 'mysql',
}, () => {
  it('complete the schema after being interrupted after each single step (fault F1)', async () => {
    const whole = await onDatabase(async (url) => {
      await migrate(settingsOf(url));
      return shapeOf({ databaseUrl: url, dataDir: '' });
    });
    await onDatabase(async (url) => {
      let starts = 1;
      while (!(await cutAfterAStep(() => migrate(settingsOf(url))))) starts++;
      expect(starts).toBeGreaterThan(20);
      expect(await shapeOf({ databaseUrl: url, dataDir: '' })).toEqual(whole);
    });
  });
});
