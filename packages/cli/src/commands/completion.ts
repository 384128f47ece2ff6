import { Argument, type Command } from 'commander';
import { say } from '../output.js';

/** Each script gets the next possible words from this program; if there are none, the shell completes file names. */
const SCRIPTS = {
  bash: `_latchkey() {
  local IFS=$'\\n'
  COMPREPLY=($(latchkey complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _latchkey latchkey
`,
  zsh: `_latchkey() {
  local -a found
  found=("\${(@f)$(latchkey complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
compdef _latchkey latchkey
`,
  fish: `function __latchkey_words
  set -l before (commandline --tokenize --cut-at-cursor --current-process)
  latchkey complete -- $before[2..] (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command latchkey --arguments '(__latchkey_words)'
`,
};

/** `completion`, which prints the script of a shell, and `complete`, which that script calls. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a completion script for a shell, for: eval "$(latchkey completion bash)"')
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .action((shell: keyof typeof SCRIPTS) => void say(SCRIPTS[shell].trimEnd()));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) => {
      for (const word of wordsAfter(program, words)) say(word);
    });
}

/** The commands, options and fixed arguments that may take the place of the last word, which may be empty. */
export function wordsAfter(program: Command, words: readonly string[]): string[] {
  const before = words.slice(0, -1);
  const begun = words.at(-1) ?? '';
  const path = [program];
  for (const word of before) {
    const next = path.at(-1)?.commands.find((command) => command.name() === word);
    if (next) path.push(next);
  }
  const options = path.flatMap((command) => command.options);
  const given = options.find(({ long, short }) => [long, short].includes(before.at(-1)));
  if (given?.required) return [];
  const command = path.at(-1) ?? program;
  const commands = command.createHelp().visibleCommands(command);
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return [
    ...commands.map((one) => one.name()),
    ...choices,
    ...(begun.startsWith('-') ? [...options.map(({ long }) => long ?? ''), '--help'] : []),
  ].filter((word) => word.startsWith(begun));
}
