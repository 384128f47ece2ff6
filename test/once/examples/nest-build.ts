import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const example = join(root, 'examples', 'nest-api');

/** Compiles the NestJS example, strictly, to a temporary folder from which it can run. */
export function buildNestApi(): { main: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-nest-api-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const compiler = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [compiler, '-p', example, '--outDir', join(folder, 'dist')], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    remove();
    throw new Error(`The NestJS example does not compile:\n${(error as { stdout?: string }).stdout}`);
  }
  cpSync(join(example, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return { main: join(folder, 'dist', 'main.js'), remove };
}
