import { InvalidSetting } from '../../../config/invalid-setting.js';
import type { ServerSettings } from '../../../config/settings.js';
import type { SetAside } from '../../engine/location.js';
import { codeOfError } from '../../storage-error.js';
import { placeOf, serverAt } from '../setting-error.js';
import type { ServerRole, ServerState } from './server-state.js';

const MEANINGS: Readonly<Record<ServerRole, string>> = {
  primary: 'is usable',
  synced: 'is usable',
  donor: 'is the donor of another node',
  joining: 'is not in sync with its cluster',
  'non-Primary': 'is cut off from its cluster',
  standby: 'is a standby',
  'read-only': 'is read-only',
  outdated: 'is a former primary: another server was promoted after it',
};

/** No host of the list can be used; `faults` has the error or the state of each. */
export class NoUsableHost extends Error {
  constructor(readonly faults: ReadonlyMap<ServerSettings, unknown>) {
    super('no database host can be used');
  }
}

/** Explains an error of the server in use, or those of all hosts. */
export async function explain(
  setting: string,
  error: unknown,
  current: ServerSettings,
  explainOne: (error: unknown, server: ServerSettings) => unknown,
): Promise<unknown> {
  if (!(error instanceof NoUsableHost)) return explainOne(error, current);
  const reasons = [...error.faults].map(async ([server, fault]) => {
    if (isState(fault)) return `${serverAt(server)} ${MEANINGS[fault.role]}`;
    const { message } = (await explainOne(fault, server)) as Error;
    return message.replace(`${setting}: `, '');
  });
  return new InvalidSetting(setting, `no host can be used: ${(await Promise.all(reasons)).join('; ')}`);
}

/** For the log. */
export const describeFault = (server: ServerSettings, fault: unknown): SetAside => ({
  host: placeOf(server),
  reason: isState(fault) ? fault.role : codeOfError(fault),
});

const isState = (fault: unknown): fault is ServerState =>
  typeof fault === 'object' && fault !== null && 'role' in fault;
