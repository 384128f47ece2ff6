import { parseArgs } from 'node:util';

const NUMBERS = {
  sessions: [10_000_000, 100_000, 'sessions that are there'],
  clients: [100_000, 5_000, 'clients that are there'],
  policies: [10_000, 500, 'policies that are there, each of some clients'],
  ended: [1_000_000, 50_000, 'ended sessions that are swept while tokens are issued'],
  tokens: [1_000_000, 20_000, 'tokens after which memory is looked at'],
  rounds: [5, 2, 'rounds at each point'],
  seconds: [3, 1, 'seconds of load in each round'],
  connections: [64, 64, 'connections at once'],
};
const PARTS = ['speed', 'lists', 'sweep', 'closing', 'memory'];
const ENGINES = ['sqlite', 'mariadb'];

const OPTIONS = {
  ...Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, { type: 'string' }])),
  engine: { type: 'string', multiple: true },
  part: { type: 'string', multiple: true },
  quick: { type: 'boolean' },
  print: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

const HELP = `npm run bench:scale -- [options]
${Object.entries(NUMBERS)
  .map(([name, [usual, , what]]) => `  --${`${name} N`.padEnd(16)}${what} (${usual})`)
  .join('\n')}
  --engine NAME     only this one: ${ENGINES.join(', ')}
  --part NAME       only this part; may be repeated: ${PARTS.join(', ')}
  --quick           small sizes, a first look
  --print           print the tables
  --help            print this

Without --engine, --part, --quick and --print the tables go to docs/performance.md, too.`;

function refuse(message) {
  console.error(`${message}\n\n${HELP}`);
  process.exit(2);
}

/** The options on the command line. */
export function readScaleOptions(args = process.argv.slice(2)) {
  let values;
  try {
    values = parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    refuse(error.message);
  }
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const numbers = Object.entries(NUMBERS).map(([name, [usual, quick]]) => {
    const value = Number(values[name] ?? (values.quick ? quick : usual));
    if (!Number.isInteger(value) || value < 1) refuse(`--${name} must be a whole number above 0`);
    return [name, value];
  });
  const some = (name, all) => {
    const chosen = values[name] ?? all;
    for (const one of chosen) if (!all.includes(one)) refuse(`--${name} is one of ${all.join(', ')}`);
    return chosen;
  };
  return {
    ...Object.fromEntries(numbers),
    asksEngine: values.engine !== undefined,
    engines: some('engine', ENGINES),
    parts: some('part', PARTS),
    writes: !values.print && !values.quick && !values.part && !values.engine,
  };
}
