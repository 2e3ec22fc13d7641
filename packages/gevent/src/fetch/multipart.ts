import { randomUUID } from 'node:crypto';
import type { RequestBody } from './request-body.ts';
import { Upload } from './upload.ts';

/** A form as `multipart/form-data`, whose length is known beforehand, so that it need not be sent in chunks. @internal */
export function multipart(form: FormData): RequestBody {
  const boundary = `----switchyard-${randomUUID()}`;
  const parts: (Buffer | Blob)[] = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(lines(name))}"`;
    if (typeof value === 'string') {
      parts.push(Buffer.from(`${head}\r\n\r\n${lines(value)}\r\n`));
    } else {
      const type = value.type === '' ? 'application/octet-stream' : value.type;
      const fileHead = `${head}; filename="${escaped(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`;
      parts.push(Buffer.from(fileHead), value, Buffer.from('\r\n'));
    }
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: parts.reduce((sum, part) => sum + ('size' in part ? part.size : part.length), 0),
    replayable: true,
    open: () => new Upload(chunks(parts)),
  };
}

async function* chunks(parts: readonly (Buffer | Blob)[]): AsyncGenerator<Uint8Array, void> {
  for (const part of parts) {
    if (part instanceof Blob) yield* part.stream();
    else yield part;
  }
}

/** Line ends as the form standard sends them. */
function lines(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n');
}

function escaped(name: string): string {
  return name.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');
}
