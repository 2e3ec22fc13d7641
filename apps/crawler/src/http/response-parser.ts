import { HTTPParser } from 'http-parser-js';
import type { AnswerHead } from '../fetch/answer-head.ts';
import { protocolError, uncalledFor } from './errors.ts';
import { checkLine, checkLineSoFar, headerOf } from './lines.ts';
import { ParsedHead } from './parsed-head.ts';

/** Who is told of an answer as it is read. */
export interface AnswerSink {
  /** The head of the answer has come; not one that only announces it. */
  begun(head: AnswerHead): void;
  /** A piece of the body, without what chunks are wrapped in. */
  piece(bytes: Buffer): void;
}

/** What the library keeps of a message, and the steps of it that are made stricter here. */
interface Machine {
  readonly info: {
    readonly versionMajor: number;
    readonly versionMinor: number;
    readonly statusCode: number;
    readonly headers: string[];
    readonly upgrade: boolean;
  };
  readonly chunk: Buffer;
  readonly end: number;
  readonly state: string;
  maxHeaderSize: number;
  offset: number;
  line: string;
  isChunked: boolean;
  body_bytes: number | null;
  initialize(type: string): void;
  execute(bytes: Buffer): number | Error;
  finish(): Error | undefined;
}

const Parser = HTTPParser as unknown as new (type: 'RESPONSE') => Machine;

const ON_HEAD = HTTPParser.kOnHeadersComplete;
const ON_BODY = HTTPParser.kOnBody;
const ON_END = HTTPParser.kOnMessageComplete;

/** Bytes of a head, or of the trailers, at most. */
const MAX_HEAD = 65_536;

/**
 * Reads the answers of one connection, one after the other. The library knows what follows what; it forgives what makes two
 * readers of the same bytes see different messages, and for ever waits for some of it. So it gets its lines from here, where
 * they have to be what RFC 9112 says, and how long a body is gets decided here.
 */
export class ResponseParser extends Parser {
  /** The last byte of the answer has come. */
  complete: boolean;
  /** The head of the answer has come. */
  headed: boolean;
  /** Whether the connection can carry another request after this answer, as far as the server says. */
  keepAlive: boolean;
  /** Bytes have come behind the end of the answer. */
  surplus: boolean;
  /** How long the server keeps a connection that idles, in milliseconds; Infinity when it does not say. */
  keepAliveFor: number;
  private sink: AnswerSink | null;
  private headBytes: number;
  /** What is being read only announces the answer. */
  private announcing: boolean;

  constructor() {
    super('RESPONSE');
    // It would count the bytes of bodies, too.
    this.maxHeaderSize = Infinity;
    this.complete = true;
    this.headed = false;
    this.keepAlive = false;
    this.surplus = false;
    this.keepAliveFor = Infinity;
    this.sink = null;
    this.headBytes = 0;
    this.announcing = false;
  }

  /** An answer is expected from now on. */
  expect(sink: AnswerSink): void {
    this.complete = false;
    this.headed = false;
    this.sink = sink;
  }

  /** Reads what has come. @throws FetchError when it is no HTTP; whatever the sink throws */
  read(bytes: Buffer): void {
    const result = this.execute(bytes);
    if (typeof result !== 'number') throw asProtocolError(result);
  }

  /** The server will send no more. @returns whether the answer ends with that, as one without a length does */
  ended(): boolean {
    if (!this.headed || this.keepAlive) return false;
    const error = this.finish();
    if (error !== undefined)
      throw protocolError('HPE_INVALID_EOF_STATE', 'it ends in the middle of the body');
    return this.complete;
  }

  /** For the library: a message is over. Its own way of beginning another sets its limits again. */
  reinitialize(type: string): void {
    this.initialize(type);
  }

  /** For the library: the next line, without its end; undefined when it has not come yet. */
  consumeLine(): string | undefined {
    const { chunk, offset } = this;
    const found = chunk.indexOf(10, offset);
    const at = found < 0 ? this.end : found;
    const line = this.line + chunk.toString('latin1', offset, at);
    this.checkSize(line.length, at - offset + 1);
    if (found < 0) {
      this.offset = at;
      this.line = line;
      checkLineSoFar(this.state, line);
      return undefined;
    }
    this.offset = at + 1;
    this.line = '';
    // Some servers put an empty line behind the body, where the next answer begins.
    if (line === '' && this.state === 'RESPONSE_LINE') return line;
    if (!line.endsWith('\r')) throw protocolError('HPE_CR_EXPECTED', 'a line ends without a carriage return');
    const whole = line.slice(0, -1);
    checkLine(this.state, whole);
    return whole;
  }

  /** For the library: a line of the head or of the trailers. */
  parseHeader(line: string, headers: string[]): void {
    headers.push(...headerOf(line));
  }

  /** For the library: the head is complete. @returns 1 when no body follows */
  [ON_HEAD](): 0 | 1 {
    const { info } = this;
    const { statusCode: status } = info;
    this.headBytes = 0;
    if (status < 100)
      throw protocolError('HPE_INVALID_STATUS', `the status is ${String(status).padStart(3, '0')}`);
    if (status < 200) {
      if (status === 100) throw uncalledFor('the server answered 100, which nobody had asked for');
      if (info.upgrade)
        throw uncalledFor('the server changed to another protocol, which nobody had asked for');
      this.announcing = true;
      return 1;
    }
    const bodiless = status === 204 || status === 304;
    this.frame(bodiless);
    this.headed = true;
    this.sink?.begun(new ParsedHead(status, info.headers));
    return bodiless ? 1 : 0;
  }

  /** For the library: a piece of the body. */
  [ON_BODY](bytes: Buffer): void {
    this.sink?.piece(bytes);
  }

  /** For the library: the message is complete. */
  [ON_END](): void {
    if (this.announcing) {
      this.announcing = false;
      return;
    }
    this.complete = true;
    this.headBytes = 0;
    this.surplus = this.offset < this.end;
    // What follows is no answer to anything.
    this.offset = this.end;
  }

  /** How long the body is, and what becomes of the connection after it. */
  private frame(bodiless: boolean): void {
    const { headers, versionMajor, versionMinor } = this.info;
    let length: string | undefined;
    let codings: string | undefined;
    let connection = '';
    this.keepAliveFor = Infinity;
    for (let at = 0; at < headers.length; at += 2) {
      const value = headers[at + 1] as string;
      switch (headers[at]) {
        case 'content-length':
          if (length !== undefined) throw protocolError('HPE_UNEXPECTED_CONTENT_LENGTH', 'two lengths');
          length = value;
          break;
        case 'transfer-encoding':
          codings = codings === undefined ? value : `${codings},${value}`;
          break;
        case 'connection':
          connection += `,${value.toLowerCase()}`;
          break;
        case 'keep-alive':
          this.keepAliveFor = 1000 * Number(/timeout=(\d+)/.exec(value)?.[1] ?? Infinity);
          break;
        default:
          break;
      }
    }
    if (length !== undefined && codings !== undefined) {
      throw protocolError('HPE_UNEXPECTED_CONTENT_LENGTH', 'a length, and chunks as well');
    }
    this.isChunked = codings !== undefined && /(?:^|,)[ \t]*chunked[ \t]*$/i.test(codings);
    if (codings !== undefined) this.body_bytes = null;
    const ends = bodiless || length !== undefined || this.isChunked;
    const options = connection.split(',').map((option) => option.trim());
    this.keepAlive =
      ends &&
      (versionMajor > 0 && versionMinor > 0 ? !options.includes('close') : options.includes('keep-alive'));
  }

  private checkSize(line: number, more: number): void {
    if (this.state === 'BODY_CHUNKHEAD' || this.state === 'BODY_CHUNKEMPTYLINE') {
      // A body may have any number of chunks: each line counts by itself.
      if (line > MAX_HEAD) throw protocolError('HPE_CHUNK_EXTENSIONS_OVERFLOW', 'endless chunk extensions');
      return;
    }
    this.headBytes += more;
    if (this.headBytes > MAX_HEAD) {
      throw protocolError('HPE_HEADER_OVERFLOW', `headers of more than ${MAX_HEAD} bytes`);
    }
  }
}

/** The library has errors of its own, some of them without a code. */
function asProtocolError(error: Error): Error {
  const { code } = error as { code?: unknown };
  if (error.name === 'FetchError') return error;
  return protocolError(typeof code === 'string' ? code : 'HPE_USER', error.message);
}
