/** One argument of a shell, whatever the text. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
