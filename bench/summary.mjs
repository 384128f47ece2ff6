const MIB = 1024 * 1024;

const COLUMNS = [
  'path',
  'server',
  'per second',
  'against oidc-provider',
  'against the floor',
  'p50 ms',
  'p99 ms',
  'CPU µs each',
  'CPU',
  'memory MiB',
];

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Collects the rounds of each server at each point; a ratio is the median of the ratios within a round. */
export class Summary {
  points = new Map();

  constructor({ rounds, seconds, connections }, signing) {
    this.conditions = `${rounds} rounds of ${seconds} s, ${connections} connections`;
    this.signing = signing;
  }

  add(point, server, round, result) {
    if (!this.points.has(point)) this.points.set(point, new Map());
    const servers = this.points.get(point);
    if (!servers.has(server)) servers.set(server, []);
    servers.get(server)[round] = result;
  }

  markdown() {
    const lines = [COLUMNS, COLUMNS.map((_, at) => (at < 2 ? '---' : '---:'))];
    for (const [point, servers] of this.points) {
      for (const [server, rounds] of servers) lines.push(this.line(point, server, rounds));
    }
    const { ES256, RS256 } = this.signing;
    const limit = `\`crypto.sign\` alone on one core: ES256 ${Math.round(ES256)}/s, RS256 ${Math.round(RS256)}/s.`;
    return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n\n${limit} ${this.conditions}.\n`;
  }

  line(point, server, rounds) {
    const middle = (key) => median(rounds.map((round) => round[key]));
    const bad = rounds.reduce((sum, { refused, broken }) => sum + refused + broken, 0);
    return [
      point,
      server,
      `${Math.round(middle('perSecond'))}${bad > 0 ? ` (${bad} refused)` : ''}`,
      this.ratio(rounds, this.roundsOf(point, 'oidc-provider')),
      server.startsWith('floor')
        ? ''
        : this.ratio(rounds, this.roundsOf(point, server.replace('latchkey', 'floor'))),
      middle('p50').toFixed(1),
      middle('p99').toFixed(1),
      Math.round(middle('cpuMicroseconds')),
      `${Math.round(middle('cpuShare') * 100)} %`,
      Math.round(middle('residentBytes') / MIB),
    ];
  }

  /** The peer stores no JWTs, so introspecting an opaque token represents both. */
  roundsOf(point, server) {
    return (
      this.points.get(point)?.get(server) ??
      this.points.get(point.replace('jwt-es256', 'opaque'))?.get(server)
    );
  }

  ratio(rounds, others) {
    if (!others || rounds === others) return '';
    const ratios = rounds.map((round, at) => round.perSecond / (others[at]?.perSecond ?? Number.NaN));
    return median(ratios).toFixed(2);
  }
}
