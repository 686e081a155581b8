// Text of MySQL's character sets: by the number of a collation, as it stands in events, or by the name of a set, as it stands in DDL.
import iconv from 'iconv-lite'
import mysql from 'mysql2'
import { BYTE_SETS, type ByteSet, REPLACEMENTS } from './charset-tables.ts'

/** Turns bytes of one character set into text. */
export type DecodeText = (buffer: Buffer, start: number, end: number) => string

/** MariaDB's collations without padding have the number of those with padding, and this. */
const NO_PAD = 1024
/** `utf8mb4_0900_ai_ci`, the first of those that came with MySQL 8. */
const FIRST_OF_MYSQL_8 = 255
/** MariaDB's collations of the Unicode 14 algorithm: 256 numbers for each of these sets, from 2048 on. */
const UCA1400_SETS = ['utf8mb3', 'utf8mb4', 'ucs2', 'utf16', 'utf32'] as const

/** The driver knows collations by names that begin with their set's: `UTF8MB4_0900_AI_CI`. */
const SETS: ReadonlyMap<number, string> = new Map(
  Object.entries(mysql.Charsets).map(([name, number]) => [Number(number), name.split('_', 1)[0]!.toLowerCase()]),
)

/** Name of the set of a collation by its number, or undefined when it is not known. */
export function charsetOfCollation(collation: number): string | undefined {
  if (collation >= 2 * NO_PAD) return UCA1400_SETS[(collation - 2 * NO_PAD) >> 8]
  const numbered = SETS.get(collation) ?? SETS.get(collation - NO_PAD)
  // MySQL 8 goes on giving out numbers, to collations of utf8mb4 alone.
  return numbered ?? (collation > FIRST_OF_MYSQL_8 && collation < NO_PAD ? 'utf8mb4' : undefined)
}

/** Number of the collation `binary`: such columns hold bytes, not text. */
export const BINARY_COLLATION = 63

/** Sets whose names iconv-lite knows differently, or that are others than their names say. */
const ENCODING_OF: Readonly<Record<string, string>> = {
  utf8mb4: 'utf8',
  utf8mb3: 'utf8',
  utf8: 'utf8',
  // MySQL's latin1 is Windows-1252 with the five gaps of that page kept as control characters.
  latin1: 'latin1',
  ascii: 'ascii',
  ucs2: 'utf16be',
  utf16: 'utf16be',
  utf16le: 'utf16le',
  utf32: 'utf32be',
  koi8r: 'koi8-r',
  latin2: 'iso-8859-2',
  latin5: 'iso-8859-9',
  latin7: 'iso-8859-13',
  tis620: 'tis620',
  cp1250: 'win1250',
  cp1251: 'win1251',
  cp1256: 'win1256',
  cp1257: 'win1257',
  cp850: 'cp850',
  cp852: 'cp852',
  cp932: 'cp932',
  sjis: 'shift_jis',
  ujis: 'eucjp',
  eucjpms: 'eucjp',
  euckr: 'euckr',
  gb2312: 'gb2312',
  gbk: 'gbk',
  gb18030: 'gb18030',
  big5: 'big5',
  macce: 'maccenteuro',
  hp8: 'hproman8',
}

const decoders = new Map<string, DecodeText>()

/** The decoder of the set of a collation, or undefined when the number is not known. */
export function decoderOfCollation(collation: number): DecodeText | undefined {
  const charset = charsetOfCollation(collation)
  return charset === undefined ? undefined : decoderOfCharset(charset)
}

/** The decoder of a character set by its MySQL name, or undefined when there is none. */
export function decoderOfCharset(charset: string): DecodeText | undefined {
  const lower = charset.toLowerCase()
  let decode = decoders.get(lower)
  if (decode === undefined) {
    decode = decoderOfSet(lower)
    if (decode !== undefined) decoders.set(lower, decode)
  }
  return decode
}

function decoderOfSet(charset: string): DecodeText | undefined {
  const bytes = BYTE_SETS[charset]
  if (bytes !== undefined) return byteDecoder(bytes)
  const decode = makeDecoder(ENCODING_OF[charset] ?? charset)
  const replacements = REPLACEMENTS[charset]
  if (decode === undefined || replacements === undefined) return decode
  const replaced = new Map(replacements)
  const pattern = new RegExp(`[${replacements.map(([from]) => from).join('')}]`, 'g')
  return (buffer, start, end) => decode(buffer, start, end).replace(pattern, (one) => replaced.get(one)!)
}

function byteDecoder({ base, runs }: ByteSet): DecodeText {
  const all = [...iconv.decode(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), base)]
  for (const [first, characters] of runs) for (const [at, one] of [...characters].entries()) all[first + at] = one
  return (buffer, start, end) => {
    let text = ''
    for (let at = start; at < end; at++) text += all[buffer[at]!]
    return text
  }
}

function makeDecoder(encoding: string): DecodeText | undefined {
  if (encoding === 'utf8') return utf8Text
  if (encoding === 'ascii') return (buffer, start, end) => buffer.toString('ascii', start, end)
  if (encoding === 'utf16le') return (buffer, start, end) => buffer.toString('utf16le', start, end)
  if (encoding === 'latin1') return windows1252
  if (!iconv.encodingExists(encoding)) return undefined
  const options = { stripBOM: false }
  return (buffer, start, end) => iconv.decode(buffer.subarray(start, end), encoding, options)
}

/** Short ASCII texts, of which databases are full, are made without a call out of JavaScript. */
function utf8Text(buffer: Buffer, start: number, end: number): string {
  if (end - start > 8) return buffer.utf8Slice(start, end)
  let text = ''
  for (let i = start; i < end; i++) {
    const byte = buffer[i]!
    if (byte > 127) return buffer.utf8Slice(start, end)
    text += ASCII[byte]
  }
  return text
}

const ASCII = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i))

/** The 27 characters of Windows-1252 between 0x80 and 0x9f; a gap stays a control character. */
const C1 = [
  0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
  0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
]

function windows1252(buffer: Buffer, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    const byte = buffer[i]!
    if (byte >= 0x80 && byte < 0xa0) return windows1252Slowly(buffer, start, end)
  }
  return buffer.latin1Slice(start, end)
}

function windows1252Slowly(buffer: Buffer, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) {
    const byte = buffer[i]!
    text += String.fromCharCode(byte >= 0x80 && byte < 0xa0 ? C1[byte - 0x80]! : byte)
  }
  return text
}
