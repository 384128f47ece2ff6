import { dump } from 'js-yaml';

/** Prints a value as YAML, or as JSON with `--json`. */
export function print(value: unknown, json: boolean): void {
  process.stdout.write(
    json ? `${JSON.stringify(value, null, 2)}\n` : dump(value, { lineWidth: 120, noRefs: true }),
  );
}

export const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/** The standard input of this command, such as a token: other users could read arguments. */
export async function readInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  return text.trim();
}
