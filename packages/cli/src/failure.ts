/** A failure that is reported without a stack; the command ends with 1. */
export class Failure extends Error {}

/** The problem document of a refused request, in words. */
export function failureOf(status: number, action: string, body: unknown): Failure {
  const { detail, errors, error_description } = (body ?? {}) as {
    detail?: string;
    error_description?: string;
    errors?: { path: string; message: string }[];
  };
  const lines = (errors ?? []).map(({ path, message }) => `  ${path} ${message}`);
  const reason = detail ?? error_description ?? 'the server sent no reason';
  return new Failure([`${action}: ${status}, ${reason}`, ...lines].join('\n'));
}
