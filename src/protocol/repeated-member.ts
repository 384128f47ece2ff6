import { visit } from 'jsonc-parser';

/** The name that an object of this JSON has twice, if any: some readers take the first, JSON.parse the last (RFC 8259 4). */
export function repeatedMember(text: string): string | undefined {
  const open: Set<string>[] = [];
  let repeated: string | undefined;
  visit(text, {
    onObjectBegin: () => {
      open.push(new Set());
    },
    onObjectProperty: (name) => {
      const seen = open.at(-1);
      if (seen?.has(name)) repeated ??= name;
      seen?.add(name);
    },
    onObjectEnd: () => {
      open.pop();
    },
  });
  return repeated;
}
