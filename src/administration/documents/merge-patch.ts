export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * JSON merge patch (RFC 7396 2): null removes a member, a list is replaced as a whole. Neither argument is modified.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  return isObject(patch) ? mergeObject(isObject(target) ? target : {}, patch) : patch;
}

export function mergeObject(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}
