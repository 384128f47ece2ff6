import { randomUUID } from 'node:crypto';

const MARK = randomUUID();

/** Open places of a template. */
export const TEXT: string = `text ${MARK}`;
/** Typed as what it stands for, so that templates can be checked against their document's type. */
export const NUMBER = `number ${MARK}` as unknown as number;
/** Stands for any value, which is filled in as JSON. */
export const VALUE: unknown = `value ${MARK}`;

/**
 * A JSON document that many responses share but for a few values, serialized once. This is the only place that puts JSON
 * together from text: what fills a TEXT must contain no character that JSON escapes, as ids and tokens do not.
 */
export class JsonTemplate {
  /** The text before the first open place. */
  readonly start: string;
  private readonly rest: readonly string[];

  constructor(document: object) {
    const text = JSON.stringify(document).replaceAll(`"${NUMBER}"`, TEXT).replaceAll(`"${VALUE}"`, TEXT);
    const [start = '', ...rest] = text.split(TEXT);
    this.start = start;
    this.rest = rest;
  }

  /** The document with these values in its open places, in their order. */
  fill(...values: readonly (string | number)[]): string {
    return this.start + this.end(values);
  }

  /** The text from the first open place on. */
  end(values: readonly (string | number)[]): string {
    let text = '';
    for (let place = 0; place < this.rest.length; place++) text += `${values[place]}${this.rest[place]}`;
    return text;
  }
}
