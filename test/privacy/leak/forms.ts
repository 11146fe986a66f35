import { deflateSync, gzipSync } from 'node:zlib';

const latin = (text: string) => Buffer.from(text, 'latin1');

/** Base64 of a value that stands anywhere in a longer text: only the characters that its neighbours cannot change. */
function base64At(value: Buffer, shift: number, alphabet: 'base64' | 'base64url'): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), value])
    .toString(alphabet)
    .replaceAll('=', '');
  const from = Math.ceil((shift * 8) / 6);
  const to = Math.floor(((shift + value.length) * 8) / 6);
  return latin(text.slice(from, to));
}

const percentEach = (value: Buffer) =>
  latin([...value].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''));
const utf16 = (value: Buffer) => Buffer.from(value.toString('utf8'), 'utf16le');
const escaped = (value: Buffer) =>
  latin(
    JSON.stringify(value.toString('utf8'))
      .slice(1, -1)
      .replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );

/** The ways in which a value may be written, but for compression: what is compressed is opened instead. */
export const FORMS: Readonly<Record<string, (value: Buffer) => Buffer>> = {
  raw: (value) => value,
  lower: (value) => Buffer.from(value.toString('utf8').toLowerCase()),
  upper: (value) => Buffer.from(value.toString('utf8').toUpperCase()),
  ...Object.fromEntries(
    (['base64', 'base64url'] as const).flatMap((alphabet) =>
      [0, 1, 2].map((shift) => [`${alphabet}+${shift}`, (value: Buffer) => base64At(value, shift, alphabet)]),
    ),
  ),
  hex: (value) => latin(value.toString('hex')),
  HEX: (value) => latin(value.toString('hex').toUpperCase()),
  percent: (value) => latin(encodeURIComponent(value.toString('utf8'))),
  'percent, each': percentEach,
  JSON: escaped,
  'UTF-16LE': utf16,
  'UTF-16BE': (value) => Buffer.from(utf16(value)).swap16(),
};

/** How a control is written into a copy of a store: every form, and compressed. */
export const WRITTEN: Readonly<Record<string, (value: Buffer) => Buffer>> = {
  ...FORMS,
  ...Object.fromEntries(
    (['base64', 'base64url'] as const).flatMap((alphabet) =>
      [0, 1, 2].map((shift) => [
        `${alphabet}+${shift}`,
        (value: Buffer) =>
          latin(Buffer.concat([Buffer.from('<>?'.slice(0, shift)), value, Buffer.from('?>')]).toString(alphabet)),
      ]),
    ),
  ),
  gzip: (value) => gzipSync(Buffer.concat([Buffer.from('before '), value, Buffer.from(' after')])),
  deflate: (value) => deflateSync(Buffer.concat([Buffer.from('before '), value, Buffer.from(' after')])),
};
