import { ApiError, type MemberFault } from '../../api/api-error.ts';
import { fromYaml } from '../../api/yaml.ts';

/** Members that identify a document or that the server writes are not edited. */
const FIXED = new Set(['resourceType', 'id', 'meta', 'secrets', 'last_uses', 'except']);

export function editableOf(document: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !FIXED.has(name)));
}

export async function documentOf(text: string): Promise<Record<string, unknown>> {
  const document = await fromYaml(text);
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
    return document as Record<string, unknown>;
  }
  throw new ApiError(400, 'This is not a document', 'Write its members, one a line: name: value');
}

/** The members as the editor shows them: a Bundle prefixes them with the place of the document. */
export function unprefixed(error: ApiError): ApiError {
  const faults = error.faults.map(
    ({ path, message }): MemberFault => ({
      message,
      ...(path === undefined ? {} : { path: path.replace(/^entry\[0\]\.(?:resource\.)?/, '') }),
    }),
  );
  return new ApiError(error.status, error.title, error.message, faults);
}
