import { InvalidSetting } from './invalid-setting.js';
import { isNetwork } from './network.js';

const HOST_NAME = /^\w([\w-]*\w)?(\.\w([\w-]*\w)?)*$/;

const listed = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

export function readTrustedProxies(value = ''): string[] {
  const proxies = listed(value);
  if (proxies.some((proxy) => /\/0+$/.test(proxy))) {
    throw new InvalidSetting(
      'LATCHKEY_TRUSTED_PROXIES',
      'must not contain a network of every address (/0), or every client could forge its own; list only your proxies',
    );
  }
  if (!proxies.every(isNetwork)) {
    throw new InvalidSetting(
      'LATCHKEY_TRUSTED_PROXIES',
      'must be IP addresses or networks (10.0.0.0/8), separated by commas',
    );
  }
  return proxies;
}

export function readAllowedHosts(value = ''): string[] {
  const hosts = listed(value);
  if (!hosts.every((host) => HOST_NAME.test(host))) {
    throw new InvalidSetting(
      'LATCHKEY_ALLOWED_HOSTS',
      'must be host names without scheme and port, separated by commas',
    );
  }
  return hosts;
}
