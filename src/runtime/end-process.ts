/**
 * The last resort where going on would lose what is answered: the process ends as it would in a power cut, with one
 * line that says why, and whatever supervises it starts it anew.
 */
export function endProcess(reason: string): never {
  process.stderr.write(`Latchkey ends: ${reason}\n`);
  process.exit(1);
}
