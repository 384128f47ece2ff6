import type { HostAddress } from './settings.js';

const ENTRY = /^(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d+)?$/;

interface HostList {
  entries: string[];
  /** The URL with this entry instead of the list. */
  urlOf(entry: string): string;
}

/** The list of hosts of a URL without its query. */
export function hostList(address: string): HostList {
  const [, before = '', list = '', after = ''] = /^([^/]*\/\/(?:[^/]*@)?)([^/]*)(.*)$/s.exec(address) ?? [];
  return { entries: list.split(','), urlOf: (entry) => before + entry + after };
}

/** Why the entries of a list of several hosts cannot be used. */
export function faultOfList(entries: readonly string[]): 'empty' | 'malformed' | undefined {
  if (entries.includes('')) return 'empty';
  return entries.every((entry) => ENTRY.test(entry)) ? undefined : 'malformed';
}

export const isRepeated = (hosts: readonly HostAddress[]): boolean =>
  new Set(hosts.map(({ host, port }) => `${host.toLowerCase()} ${port}`)).size < hosts.length;
