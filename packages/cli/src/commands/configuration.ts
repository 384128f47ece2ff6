import { existsSync, readdirSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { JsonObject } from '../connection.js';
import { nameOf, readFolder } from '../documents.js';
import { exportTo } from '../export.js';
import { Failure, failureOf } from '../failure.js';
import { print, say } from '../output.js';
import { CHANGED_MEANWHILE, type Plan, planOf, type Selector } from '../plan.js';
import { asMarkdown, asText, summaryOf } from '../render.js';
import { isJson, serverOf } from './context.js';

/** As `terraform plan -detailed-exitcode` has it. */
const CHANGES_EXIT_CODE = 2;

interface FolderOptions {
  file: string;
  prune?: true;
  selector?: Selector;
}

export function addConfiguration(program: Command): void {
  withFolder(program.command('plan'))
    .description('show what the files would change; ends with 0 if nothing, 2 if something, 1 after an error')
    .addOption(new Option('--markdown', 'for a comment on a pull request').conflicts('json'))
    .action(async (options: FolderOptions & { markdown?: true }, command: Command) => {
      const plan = await plannedBy(options, command);
      if (isJson(command)) print(shown(plan), true);
      else say(options.markdown ? asMarkdown(plan) : asText(plan));
      if (plan.changes.length > 0) process.exitCode = CHANGES_EXIT_CODE;
    });

  withFolder(program.command('apply'))
    .description('make the server equal to the files, all of it or nothing')
    .action(async (options: FolderOptions, command: Command) => {
      const plan = await plannedBy(options, command);
      if (plan.bundle) await write(plan.bundle, command);
      if (isJson(command)) return print(shown(plan), true);
      for (const { action, ...name } of plan.changes) say(`${action} ${nameOf(name)}`);
      say(plan.bundle ? `Applied: ${summaryOf(plan)}` : summaryOf(plan));
    });

  program
    .command('export')
    .description('write what the server has to files, without secrets')
    .argument('<folder>', 'a new or empty folder')
    .action(async (folder: string, _options: object, command: Command) => {
      if (existsSync(folder) && readdirSync(folder).length > 0) {
        throw new Failure(
          `${folder} is not empty: a document that was deleted on the server would stay in it`,
        );
      }
      const documents = await exportTo(serverOf(command), folder);
      if (isJson(command)) print({ documents, folder }, true);
      else say(`Exported ${documents} documents to ${folder}.`);
    });
}

const withFolder = (command: Command): Command =>
  command
    .requiredOption('-f, --file <path>', 'a folder of YAML and JSON files, or one of them')
    .option('--prune', 'delete clients that have the labels of --selector and are in no file')
    .addOption(new Option('--selector <labels>', 'such as team=payments,stage=prod').argParser(readSelector));

async function plannedBy({ file, prune, selector }: FolderOptions, command: Command): Promise<Plan> {
  if (prune && !selector)
    throw new Failure('--prune needs --selector: it deletes only what has these labels');
  if (selector && !prune) throw new Failure('--selector has no effect without --prune');
  const wanted = readFolder(file);
  if (wanted.length === 0) throw new Failure(`${file} contains no document: nothing is planned`);
  return planOf(serverOf(command), wanted, selector);
}

/** All of it or nothing. */
export async function write(bundle: JsonObject, command: Command): Promise<void> {
  const { status, body } = await serverOf(command).attempt('POST', '/', bundle);
  if (status === 412) throw new Failure(CHANGED_MEANWHILE);
  if (status >= 400) throw failureOf(status, 'nothing was applied', body);
}

const shown = ({ changes, unchanged }: Plan) => ({ changes, unchanged });

function readSelector(text: string): Selector {
  const pairs = text.split(',').map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2 || pair.some((part) => part === ''))) {
    throw new InvalidArgumentError('must be label=value, several separated by commas');
  }
  return new Map(pairs as [string, string][]);
}
