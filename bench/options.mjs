import { parseArgs } from 'node:util';

const OPTIONS = {
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  connections: { type: 'string' },
  only: { type: 'string', multiple: true },
  quick: { type: 'boolean' },
  print: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

const HELP = `npm run bench -- [options]
  --rounds N        rounds at each point (5)
  --seconds N       seconds of load in each round (3)
  --connections N   connections at once (64)
  --only WORD       only where "point server" holds WORD; may be repeated
  --quick           two rounds of one second
  --print           print the tables
  --help            print this

Without --only, --quick and --print the tables go to docs/performance.md, too.`;

function refuse(message) {
  console.error(`${message}\n\n${HELP}`);
  process.exit(2);
}

/** The options on the command line. */
export function readOptions(args = process.argv.slice(2)) {
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
  const number = (name, usual) => {
    const value = Number(values[name] ?? usual);
    if (!Number.isInteger(value) || value < 1) refuse(`--${name} must be a whole number above 0`);
    return value;
  };
  return {
    rounds: number('rounds', values.quick ? 2 : 5),
    seconds: number('seconds', values.quick ? 1 : 3),
    connections: number('connections', 64),
    only: values.only ?? [],
    writes: !values.print && !values.quick && !values.only,
  };
}
