// Java charset names to encoders and decoders. UTF-8 is the default and the fast path elsewhere; this room is for the rest.
import { ConfigException, suggest } from '@millrace/api'
import { utf8Bytes } from './utf8.ts'

/** Two ways between strings and bytes. Neither throws: what cannot be encoded becomes `?`, as in Java. */
export interface Charset {
  /** Canonical name. */
  readonly name: string
  encode(text: string): Buffer
  decode(bytes: Uint8Array): string
}

const UTF8: Charset = {
  name: 'UTF-8',
  encode: utf8Bytes,
  decode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'),
}

/** Java's `UTF-16` writes a big-endian mark and big-endian units, and reads either order by its mark. */
const UTF16: Charset = {
  name: 'UTF-16',
  encode: (text) => (text === '' ? Buffer.alloc(0) : Buffer.concat([Buffer.of(0xfe, 0xff), bigEndian(text)])),
  decode: (bytes) => {
    const little = bytes[0] === 0xff && bytes[1] === 0xfe
    return decodeWith(little ? 'utf-16le' : 'utf-16be', bytes)
  },
}

const NAMES: Readonly<Record<string, () => Charset>> = {
  'UTF-8': () => UTF8,
  'UTF-16': () => UTF16,
  'UTF-16BE': () => ({ name: 'UTF-16BE', encode: bigEndian, decode: (bytes) => decodeWith('utf-16be', bytes, true) }),
  'UTF-16LE': () => ({
    name: 'UTF-16LE',
    encode: (text) => Buffer.from(wellFormed(text), 'utf16le'),
    decode: (bytes) => decodeWith('utf-16le', bytes, true),
  }),
  'US-ASCII': () => singleByte('US-ASCII', (byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\ufffd')),
  'ISO-8859-1': () => singleByte('ISO-8859-1', (byte) => String.fromCharCode(byte)),
}

for (const label of ['2', '3', '4', '5', '6', '7', '8', '10', '13', '14', '15', '16']) {
  const name = `ISO-8859-${label}`
  Object.assign(NAMES, { [name]: () => singleByte(name, table(name)) })
}
for (const label of ['1250', '1251', '1252', '1253', '1254', '1255', '1256', '1257', '1258']) {
  const name = `windows-${label}`
  Object.assign(NAMES, { [name]: () => singleByte(name, table(name)) })
}
Object.assign(NAMES, { 'KOI8-R': () => singleByte('KOI8-R', table('koi8-r')) })

/** Other spellings that Java knows. */
const ALIASES: Readonly<Record<string, string>> = {
  utf8: 'UTF-8',
  utf16: 'UTF-16',
  ascii: 'US-ASCII',
  latin1: 'ISO-8859-1',
  iso88591: 'ISO-8859-1',
  cp1252: 'windows-1252',
}

/**
 * The charset of a Java name, whatever the case.
 * @throws ConfigException naming the near ones when it is not known
 */
export function charsetOf(name: string, configKey: string): Charset {
  const known = Object.keys(NAMES)
  const wanted = ALIASES[name.toLowerCase().replace(/[-_]/g, '')] ?? name
  const found = known.find((one) => one.toLowerCase() === wanted.toLowerCase())
  const make = found === undefined ? undefined : NAMES[found]
  if (make !== undefined) return make()
  const near = suggest(name, known)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known are ${known.join(', ')}`
  throw ConfigException.invalidValue(configKey, name, `Unsupported character set; ${hint}`)
}

function bigEndian(text: string): Buffer {
  return Buffer.from(wellFormed(text), 'utf16le').swap16()
}

/** UTF-16 encoders of Java write U+FFFD for a lone surrogate. */
function wellFormed(text: string): string {
  return text.toWellFormed()
}

function decodeWith(label: string, bytes: Uint8Array, ignoreBOM = false): string {
  return new TextDecoder(label, { ignoreBOM }).decode(bytes)
}

function table(label: string): (byte: number) => string {
  const decoder = new TextDecoder(label)
  return (byte) => decoder.decode(Uint8Array.of(byte))
}

function singleByte(name: string, charOf: (byte: number) => string): Charset {
  const chars = Array.from({ length: 256 }, (_, byte) => charOf(byte))
  const bytes = new Map(chars.map((char, byte) => [char, byte]))
  bytes.delete('\ufffd')
  return {
    name,
    encode: (text) => Buffer.from(Array.from(text, (char) => bytes.get(char) ?? 0x3f)),
    decode: (from) => Array.from(from, (byte) => chars[byte] as string).join(''),
  }
}
