import { Failure } from '../failure.js';

export type Outcome = 'imported' | 'changed' | 'not_imported';

/** Why something is not imported; the group is a name for `--accept`. */
export interface Reason {
  group: string;
  why: string;
}

/** The outcome for a member of the source, or for an object as a whole. */
export interface Line {
  /** The object, `clients/api-client`, or a section, `connections`. */
  object: string;
  /** Absent: the object as a whole. */
  member?: string;
  outcome: Outcome;
  group?: string;
  detail?: string;
  /** Of an object that is not imported. */
  members?: string[];
  accepted?: true;
}

/** The name under which a line is shown and accepted. */
export const nameOfLine = ({ object, member }: Line): string =>
  member === undefined ? object : `${object}.${member}`;

/** Accounts for every member of a source. */
export class Report {
  readonly lines: Line[] = [];

  add(line: Line): void {
    this.lines.push(line);
  }

  /** Marks accepted losses; a name that matches nothing is rejected, since it may be misspelt. */
  accept(names: readonly string[]): void {
    const used = new Set<string>();
    for (const line of this.lines) {
      if (line.outcome !== 'not_imported') continue;
      const name = names.find((each) => fits(each, line));
      if (name === undefined) continue;
      line.accepted = true;
      for (const each of names) if (fits(each, line)) used.add(each);
    }
    const unused = names.filter((name) => !used.has(name));
    if (unused.length > 0) {
      throw new Failure(
        `--accept ${unused.join(', ')}: the source has nothing of this name that is not imported`,
      );
    }
  }

  get lost(): Line[] {
    return this.lines.filter(({ outcome, accepted }) => outcome === 'not_imported' && !accepted);
  }

  get summary() {
    const count = (outcome: Outcome) => this.lines.filter((line) => line.outcome === outcome).length;
    return {
      imported: count('imported'),
      changed: count('changed'),
      not_imported: count('not_imported'),
      accepted: this.lines.filter(({ accepted }) => accepted).length,
    };
  }
}

/** A group, an object, a member of it, or a member of every object of a section: `clients.callbacks`. */
function fits(name: string, line: Line): boolean {
  if (name === line.group) return true;
  const section = line.object.split('/')[0] as string;
  const names = [
    nameOfLine(line),
    section,
    ...(line.member === undefined ? [] : [`${section}.${line.member}`]),
  ];
  return names.some((each) => each === name || each.startsWith(`${name}.`) || each.startsWith(`${name}/`));
}

const WORDS: Record<Outcome, string> = {
  imported: 'imported',
  changed: 'changed',
  not_imported: 'NOT IMPORTED',
};

function groupsOf(lines: readonly Line[], keyOf: (line: Line) => string): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const group = groups.get(keyOf(line)) ?? [];
    groups.set(keyOf(line), group);
    group.push(line);
  }
  return groups;
}

/** For people: members with the same reason in one line. */
export function reportText(report: Report): string {
  const objects = groupsOf(report.lines, ({ object }) => object);
  const { imported, changed, not_imported: lost, accepted } = report.summary;
  const blocks = [...objects].map(([object, lines]) => {
    const same = groupsOf(lines, ({ outcome, detail, accepted: known }) =>
      [known ? 'accepted' : WORDS[outcome], detail ?? ''].join('\0'),
    );
    return [object, ...[...same].map(([key, each]) => lineText(key, each))].join('\n');
  });
  return [
    ...blocks,
    '',
    `${imported} imported, ${changed} changed, ${lost} not imported (${accepted} of them accepted).`,
  ].join('\n');
}

function lineText(key: string, lines: readonly Line[]): string {
  const [word, detail] = key.split('\0') as [string, string];
  const members = lines.flatMap(({ member }) => (member === undefined ? [] : [member]));
  const group = lines[0]?.group === undefined ? '' : ` [${lines[0].group}]`;
  return `  ${word.padEnd(13)}${[members.join(', '), detail].filter((text) => text !== '').join(': ')}${group}`;
}
