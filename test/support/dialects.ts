/** One of the three token endpoints. */
export interface Door {
  name: 'native' | 'auth0' | 'authing';
  token: string;
}

export const NATIVE: Door = { name: 'native', token: '/auth/token' };
export const AUTH0: Door = { name: 'auth0', token: '/oauth/token' };
export const AUTHING: Door = { name: 'authing', token: '/oidc/token' };

/** For `describe.each`: what holds at every door is shown at every door. */
export const DOORS: readonly Door[] = [NATIVE, AUTH0, AUTHING];

/** Picks what differs by door. */
export const at = <T>(door: Door, values: Record<Door['name'], T>): T => values[door.name];
