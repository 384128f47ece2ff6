const MAX_PREFIX_CHARACTERS = 253;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** The syntax of a Kubernetes label key: a name, optionally after a domain and a slash. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return NAME.test(key);
  return (
    slash <= MAX_PREFIX_CHARACTERS && PREFIX.test(key.slice(0, slash)) && NAME.test(key.slice(slash + 1))
  );
}

export const isLabelValue = (value: unknown): value is string =>
  typeof value === 'string' && (value === '' || NAME.test(value));
