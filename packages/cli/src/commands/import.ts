import { type Command, Option } from 'commander';
import { nameOf } from '../documents.js';
import { Failure } from '../failure.js';
import { importAidbox } from '../import/aidbox/aidbox.js';
import { importAuth0 } from '../import/auth0/auth0.js';
import { importHydra } from '../import/hydra/hydra.js';
import { ImportedDocuments } from '../import/imported.js';
import { importKeycloak } from '../import/keycloak/keycloak.js';
import { nameOfLine, Report, reportText } from '../import/report.js';
import type { Importer } from '../import/source.js';
import { writeFolder } from '../import/write-folder.js';
import { print, say } from '../output.js';
import { planOf } from '../plan.js';
import { summaryOf } from '../render.js';
import { write } from './configuration.js';
import { isJson, serverOf } from './context.js';

/** Something was not imported, and not accepted by name. */
const LOST_EXIT_CODE = 3;

interface Options {
  accept: string[];
  output?: string;
  apply?: true;
  overwrite?: true;
  audience?: string;
}

const SOURCES: Readonly<Record<string, { importer: Importer; files: string; audience?: string }>> = {
  auth0: {
    importer: importAuth0,
    files: 'tenant.yaml or the folder of the Deploy CLI, or lists of the Management API',
  },
  keycloak: {
    importer: importKeycloak,
    files: 'exports of a realm or of clients',
    audience: 'the audience of realm roles, and of scopes that have none',
  },
  hydra: {
    importer: importHydra,
    files: 'lists of clients, or rows of the table hydra_client as JSON',
    audience: 'the audience of the scopes of clients that have none',
  },
  aidbox: { importer: importAidbox, files: 'bundles, lists, NDJSON or YAML of Client and AccessPolicy' },
};

/** `import auth0`: what another system exports, as documents of Latchkey. */
export function addImport(program: Command): void {
  const group = program
    .command('import')
    .description(
      'read what another system exports; ends with 3 if something is not imported and not accepted',
    );
  for (const [name, source] of Object.entries(SOURCES)) {
    const command = group
      .command(name)
      .description(`from ${source.files}`)
      .argument('<files...>')
      .option('-o, --output <folder>', 'write the documents to a new folder, for plan and apply')
      .addOption(
        new Option('--apply', 'write them to the server at once, all or nothing').conflicts('output'),
      )
      .option('--overwrite', 'with --apply: also change documents that the server has under these ids')
      .option(
        '--accept <name>',
        'accept something that is not imported, by its name in the report or by its [group]; repeatable',
        (value: string, names: string[]) => [...names, value],
        [],
      );
    if (source.audience) command.option('--audience <audience>', source.audience);
    command.action((files: string[], options: Options, own: Command) =>
      run(source.importer, files, options, own),
    );
  }
}

async function run(importer: Importer, files: string[], options: Options, command: Command): Promise<void> {
  const report = new Report();
  const documents = new ImportedDocuments();
  importer(files, report, documents, options);
  if (report.lines.length === 0) throw new Failure(`${files.join(', ')}: there is nothing to import`);
  report.accept(options.accept);
  if (options.output !== undefined) writeFolder(options.output, documents.all);
  if (!isJson(command)) say(reportText(report));
  const applied = options.apply ? await apply(documents, options, command) : undefined;
  const names = documents.all.map(nameOf);
  if (isJson(command)) {
    const lines = report.lines.map((line) => ({ name: nameOfLine(line), ...line }));
    print({ documents: names, lines, summary: report.summary, ...(applied ? { applied } : {}) }, true);
  } else say(closing(names.length, options, applied));
  if (report.lost.length > 0) process.exitCode = LOST_EXIT_CODE;
}

/** What the server has under the same ids may be something else, such as its administrator. */
async function apply(
  documents: ImportedDocuments,
  { overwrite }: Options,
  command: Command,
): Promise<string> {
  if (documents.all.length === 0) return 'nothing to apply';
  const plan = await planOf(serverOf(command), documents.wanted);
  const existing = plan.changes.filter(({ action }) => action === 'change').map(nameOf);
  if (existing.length > 0 && !overwrite) {
    throw new Failure(
      `nothing was applied: the server has other documents as ${existing.join(', ')}; review them with -o and plan, or use --overwrite`,
    );
  }
  if (plan.bundle) await write(plan.bundle, command);
  return summaryOf(plan);
}

function closing(count: number, { output }: Options, applied: string | undefined): string {
  if (applied !== undefined) return `Applied: ${applied}`;
  return output === undefined
    ? `${count} documents. Nothing was written: use -o FOLDER, or --apply.`
    : `${count} documents are in ${output}: review them, then \`latchkey plan -f ${output}\`.`;
}
