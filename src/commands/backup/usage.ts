/** Ends the process with the help text: with 0 if it was asked for, with 2 if the arguments are wrong. */
export function showUsage(text: string, asked: boolean): never {
  (asked ? process.stdout : process.stderr).write(text);
  process.exit(asked ? 0 : 2);
}
