/**
 * The last resort when continuing would lose confirmed writes: the process ends as in a power cut, with one line that
 * says why, and its supervisor restarts it.
 */
export function endProcess(reason: string): never {
  process.stderr.write(`Latchkey stopped: ${reason}\n`);
  process.exit(1);
}
