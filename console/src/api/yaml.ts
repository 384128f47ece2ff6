import { ApiError } from './api-error.ts';

/** The parser is loaded when YAML is first shown or read. */
const library = () => import('js-yaml');

export async function toYaml(document: unknown): Promise<string> {
  const { dump } = await library();
  return dump(document, { lineWidth: 110, noRefs: true });
}

export async function fromYaml(text: string): Promise<unknown> {
  const { load } = await library();
  try {
    return load(text);
  } catch (error) {
    throw new ApiError(400, 'This is not valid YAML', error instanceof Error ? error.message : String(error));
  }
}
