/**
 * Current names by those that earlier versions stored. An event is hashed with the name it was written under, so stored
 * names never change; only what is shown and searched does (docs/adr/0022-renamed-audit-actions.md).
 */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['audit.lost', 'audit.drop'],
  ['introspection.refuse', 'introspection.deny'],
  ['pair.block', 'authentication.throttle'],
  ['permission.refuse', 'authorization.deny'],
  ['quota.pass', 'quota.exceed'],
  ['revocation.refuse', 'revocation.deny'],
  ['sign-in.fail', 'authentication.fail'],
  ['token.refuse', 'token.deny'],
  ['token.reuse', 'refresh-token.reuse'],
]);

const FORMER = new Map(Array.from(RENAMED, ([former, current]) => [current, former]));

/** The name of an action as shown, whichever version stored it. */
export const currentAction = (stored: string): string => RENAMED.get(stored) ?? stored;

/** Every name under which an action may be stored, given any one of them. */
export function storedActions(name: string): readonly string[] {
  const current = currentAction(name);
  const former = FORMER.get(current);
  return former === undefined ? [current] : [current, former];
}
