/** One of the three token endpoints. */
export interface Dialect {
  name: 'native' | 'auth0' | 'authing';
  token: string;
}

export const NATIVE: Dialect = { name: 'native', token: '/auth/token' };
export const AUTH0: Dialect = { name: 'auth0', token: '/oauth/token' };
export const AUTHING: Dialect = { name: 'authing', token: '/oidc/token' };

/** For `describe.each`: what every dialect shares is tested in each. */
export const DIALECTS: readonly Dialect[] = [NATIVE, AUTH0, AUTHING];

/** Selects a value by dialect. */
export const at = <T>(dialect: Dialect, values: Record<Dialect['name'], T>): T => values[dialect.name];
