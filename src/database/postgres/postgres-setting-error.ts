import type { ServerSettings } from '../../config/settings.js';
import { type Rejection, serverSettingError } from '../server/setting-error.js';

const REJECTIONS: Readonly<Record<string, Rejection>> = {
  '28P01': 'wrong-credentials',
  '28000': 'wrong-credentials',
  '42501': 'forbidden-database',
  '3D000': 'unknown-database',
};

export function postgresSettingError(setting: string, error: unknown, settings: ServerSettings): unknown {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return serverSettingError(setting, coded(error), settings, rejectionOf(code, message, settings));
}

function rejectionOf(code: string, message: string, { tls }: ServerSettings): Rejection | undefined {
  if (/server does not support SSL/i.test(message)) return 'without-tls';
  if (!tls && code === '28000' && /no encryption|SSL off|SSL required/i.test(message)) return 'requires-tls';
  return REJECTIONS[code];
}

/** The driver gives no code to an error of the connection itself. */
function coded(error: unknown): unknown {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (typeof code === 'string') return error;
  if (/timeout/.test(message)) return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
  if (/SSL|^Connection terminated/.test(message)) return Object.assign(new Error(message), { code: '' });
  return error;
}
