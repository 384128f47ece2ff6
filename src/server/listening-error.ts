import { asSettingError, InvalidSetting } from '../config/invalid-setting.js';

/** Where a server was to listen, and the settings that say so. */
export interface ListeningPlace {
  port: number;
  host: string;
  settings: { port: string; host: string };
}

/** Explains by the names of the settings why an address cannot be listened on. */
export function listeningError({ port, host, settings }: ListeningPlace, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new InvalidSetting(settings.port, `${port} on ${host} is in use by another process (${code})`);
  if (code === 'EACCES')
    return new InvalidSetting(settings.port, `${port} is not permitted to this user (${code})`);
  return asSettingError(settings.host, error, host);
}
