import type { Command } from 'commander';
import { Connection } from '../connection.js';
import { credentialsOf } from '../profiles.js';

export interface GlobalOptions {
  json?: true;
  profile: string;
}

export const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

/** The server as the environment or the profile names it. */
export const serverOf = (command: Command): Connection =>
  new Connection(credentialsOf(globals(command).profile));

export const isJson = (command: Command): boolean => globals(command).json === true;

/** The group of commands with this name. */
export const groupOf = (program: Command, name: string): Command =>
  program.commands.find((command) => command.name() === name) ?? program.command(name);

export const pathOf = (type: string, id: string): string => `/${type}/${encodeURIComponent(id)}`;
