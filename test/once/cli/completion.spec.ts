import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM } from '../../support/command-line.js';
import { debianProgram } from '../../support/debian-program.js';

const zsh = await debianProgram('zsh');
const fish = await debianProgram('fish');

let folder: string;

/** A `latchkey` in the path, as after `npm install -g`. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-completion-'));
  const program = join(folder, 'latchkey');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  chmodSync(program, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(shell: string, ...args: string[]): string[] {
  const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder };
  return execFileSync(shell, args, { env, cwd: folder, encoding: 'utf8' }).split(/\s+/).filter(Boolean);
}

/** The words that each shell offers for a line of these words, the last of which is being typed. */
const OFFERED: Record<string, (...words: string[]) => string[]> = {
  bash: (...words) =>
    run(
      'bash',
      '-c',
      `eval "$(latchkey completion bash)"
       COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _latchkey; echo "\${COMPREPLY[@]}"`,
      'bash',
      ...words,
    ),
  zsh: (...words) =>
    run(
      'zsh',
      '-f',
      '-c',
      `compdef() {}; compadd() { echo "\${(@P)2}" }; _files() {}; eval "$(latchkey completion zsh)"
       words=("$@"); CURRENT=$#; _latchkey`,
      'zsh',
      ...words,
    ),
  // Each line is the word, and after a tab what it is.
  fish: (...words) =>
    run(
      'fish',
      '--no-config',
      '-c',
      'latchkey completion fish | source; complete --do-complete "$argv[1]"',
      words.join(' '),
    ),
};

const absent = [...(zsh ? [] : ['zsh']), ...(fish ? [] : ['fish'])];

describe.each(Object.keys(OFFERED).filter((shell) => !absent.includes(shell)))(
  'Completion in %s',
  (shell) => {
    const offered = (...words: string[]) => OFFERED[shell]?.(...words) ?? [];

    it('offers the commands that begin so', () => {
      expect(offered('latchkey', 'do')).toEqual(['doctor']);
      expect(offered('latchkey', 'client', 'r')).toEqual(['rotate', 'rotation']);
    });

    it('offers the options of a command and of those above it', () => {
      expect(offered('latchkey', 'plan', '--p').sort()).toEqual(['--profile', '--prune']);
    });

    it('offers fixed arguments', () => {
      expect(offered('latchkey', 'completion', 'f')).toEqual(['fish']);
    });
  },
);

describe('latchkey --version', () => {
  it('prints the version of the package', () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../../packages/cli/package.json', import.meta.url), 'utf8'),
    );
    expect(run('latchkey', '--version')).toEqual([version]);
  });
});
