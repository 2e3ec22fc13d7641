import type { AnswerHead } from '../fetch/answer-head.ts';

/** The head of an answer as it was read. */
export class ParsedHead implements AnswerHead {
  readonly status: number;
  readonly #headers: readonly string[];

  /** @param headers name, value, name, value; names in lower case */
  constructor(status: number, headers: readonly string[]) {
    this.status = status;
    this.#headers = headers;
  }

  header(name: string): string | undefined {
    const headers = this.#headers;
    let value: string | undefined;
    for (let at = 0; at < headers.length; at += 2) {
      if (headers[at] === name)
        value = value === undefined ? headers[at + 1] : `${value}, ${headers[at + 1]}`;
    }
    return value;
  }
}
