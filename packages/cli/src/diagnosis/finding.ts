import type { Connection } from '../connection.js';

/** What a check found: how it is, or what is wrong and how to mend it. */
export interface Finding {
  ok: boolean;
  detail: string;
}

/** The check does not concern this server, or not this machine. */
export const NOT_VISIBLE = undefined;

export type Check = (server: Connection) => Promise<Finding | typeof NOT_VISIBLE>;

export const right = (detail: string): Finding => ({ ok: true, detail });

export const wrong = (detail: string): Finding => ({ ok: false, detail });
