import { protocolError } from './errors.ts';

// The lines of an answer, as RFC 9112 has them. Where a line is expected is said by the name of the library's state.

const STATUS_LINE = /^HTTP\/(?:1\.[01]|2\.0|0\.9) \d{3}(?: [^\r]*)?$/;
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;
const CHUNK_HEAD =
  /^[0-9a-fA-F]{1,16}(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]*|"(?:[^"\\\r]|\\[^\r])*"))?)*$/;
// The same, for a line whose end has not come.
const STATUS_LINE_SO_FAR =
  /^(?:H?|HT|HTTP?|HTTP\/(?:[012]|0\.9?|1\.[01]?|2\.0?|(?:1\.[01]|2\.0|0\.9) (?:\d{0,3}|\d{3} [^\r]*))?)\r?$/;
const HEADER_SO_FAR = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*(?::[\t\x20-\x7e\x80-\xff]*)?\r?$/;
const CHUNK_HEAD_SO_FAR = /^[0-9a-fA-F]{0,16}(?:;[^\r]*)?\r?$/;
/** A longer line is looked at when it is complete: it may come byte by byte, and would be looked at as often. */
const LONG = 512;
const LENGTH = /^\d{1,20}$/;

/** @throws FetchError when a line cannot be what is expected */
export function checkLine(state: string, line: string): void {
  if (state === 'RESPONSE_LINE') {
    if (line !== '' && !STATUS_LINE.test(line)) throw badStart();
  } else if (state === 'BODY_CHUNKHEAD') {
    if (!CHUNK_HEAD.test(line)) throw badChunk();
  } else if (state === 'BODY_CHUNKEMPTYLINE' && line !== '') throw badChunk();
}

/** The same for the beginning of a line: the rest of one that is wrong already may never come. */
export function checkLineSoFar(state: string, line: string): void {
  if (line.length > LONG) return;
  switch (state) {
    case 'RESPONSE_LINE':
      if (!STATUS_LINE_SO_FAR.test(line)) throw badStart();
      break;
    case 'HEADER':
    case 'BODY_CHUNKTRAILERS':
      if (!HEADER_SO_FAR.test(line)) throw badHeader();
      break;
    case 'BODY_CHUNKHEAD':
      if (!CHUNK_HEAD_SO_FAR.test(line)) throw badChunk();
      break;
    case 'BODY_CHUNKEMPTYLINE':
      if (line !== '' && line !== '\r') throw badChunk();
      break;
    default:
      break;
  }
}

/** The name, in lower case, and the value of a header. @throws FetchError when it is none */
export function headerOf(line: string): [name: string, value: string] {
  const match = HEADER.exec(line);
  if (match === null) throw badHeader();
  const name = (match[1] as string).toLowerCase();
  const value = (match[2] as string).trimEnd();
  if (name === 'content-length' && !LENGTH.test(value)) {
    throw protocolError('HPE_INVALID_CONTENT_LENGTH', `the length is "${value}"`);
  }
  return [name, value];
}

function badStart(): Error {
  return protocolError('HPE_INVALID_CONSTANT', 'it does not begin with a status line');
}

function badHeader(): Error {
  return protocolError('HPE_INVALID_HEADER_TOKEN', 'a header is malformed');
}

function badChunk(): Error {
  return protocolError('HPE_INVALID_CHUNK_SIZE', 'a chunk is malformed');
}
