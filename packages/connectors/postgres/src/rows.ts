// Rows of a table: a function is made for each that reads a tuple where it lies into an object with the schema's properties.
import { TupleKind } from './protocol/pgoutput.ts'
import type { Decode } from './types/decoder.ts'

/** A column of a tuple, in the tuple's order. */
export interface RowColumn {
  readonly name: string
  /** Null for a column that is not captured: it is skipped. */
  readonly decode: Decode | null
  /** Value of a null, and of a large value that was not touched. */
  readonly absent: unknown
  readonly unchanged: unknown
}

export type Row = Record<string, unknown>
/** Reads the tuple of pgoutput at `at`. */
export type TupleReader = (bytes: Buffer, at: number) => Row
/** Reads a line of `COPY`'s text form from `at` to its newline. */
export type LineReader = (bytes: Buffer, at: number, end: number) => Row

const size = 'bytes[at]<<24|bytes[at+1]<<16|bytes[at+2]<<8|bytes[at+3]'

/** Names that an object literal would take for something else. */
const isSpecial = (name: string) => name === '__proto__'

/** The object at the end of a made function; names quoted as JSON are literals of JavaScript and nothing else. */
function literal(columns: readonly RowColumn[]): string {
  const parts = columns.flatMap(({ name, decode }, i) =>
    decode === null ? [] : [`${isSpecial(name) ? `[${JSON.stringify(name)}]` : JSON.stringify(name)}:v${i}`],
  )
  return `{${parts.join()}}`
}

function make<F>(columns: readonly RowColumn[], body: string): F {
  const names = columns.map((_, i) => `d${i},a${i},u${i}`).join()
  const values = columns.flatMap((one) => [one.decode, one.absent, one.unchanged])
  return new Function('values', `const [${names}]=values;${body}`)(values) as F
}

/** A reader of tuples with these columns. */
export function tupleReader(columns: readonly RowColumn[]): TupleReader {
  const steps = columns.map(({ decode }, i) =>
    decode === null
      ? `k=bytes[at++];if(k===116||k===98){n=${size};at+=4+n}`
      : `let v${i};k=bytes[at++];if(k===116){n=${size};at+=4;v${i}=d${i}(bytes,at,at+n);at+=n}else v${i}=k===117?u${i}:a${i};`,
  )
  return make(columns, `return (bytes,at)=>{let k,n;at+=2;${steps.join('')}return ${literal(columns)}}`)
}

/** A reader of lines with these columns. */
export function lineReader(columns: readonly RowColumn[]): LineReader {
  const steps = columns.map(({ decode }, i) =>
    decode === null
      ? 'while(at<end&&(c=bytes[at])!==9&&c!==10){if(c===92)at++;at++}at++;'
      : `let v${i};e=at;s=false;while(e<end&&(c=bytes[e])!==9&&c!==10){if(c===92){s=true;e++}e++}` +
        `if(!s)v${i}=d${i}(bytes,at,e);` +
        `else if(e-at===2&&bytes[at+1]===78)v${i}=a${i};` +
        `else{t=unescaped(bytes,at,e);v${i}=d${i}(t,0,t.length)}at=e+1;`,
  )
  const names = columns.map((_, i) => `d${i},a${i},u${i}`).join()
  const values = columns.flatMap((one) => [one.decode, one.absent, one.unchanged])
  const body = `const [${names}]=values;return (bytes,at,end)=>{let e,s,c,t;${steps.join('')}return ${literal(columns)}}`
  return new Function('values', 'unescaped', body)(values, unescaped) as LineReader
}

const ESCAPES: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11 }

/** Text of a field without its backslashes. https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2 */
function unescaped(bytes: Buffer, start: number, end: number): Buffer {
  const out = Buffer.allocUnsafe(end - start)
  let length = 0
  for (let at = start; at < end; at++) {
    let byte = bytes[at] as number
    if (byte === 0x5c) {
      byte = bytes[++at] as number
      byte = ESCAPES[byte] ?? byte
    }
    out[length++] = byte
  }
  return out.subarray(0, length)
}

/** Fields of the columns of a tuple whose values the server left out, since an update did not touch them. */
export function untouchedColumns(bytes: Buffer, at: number, fields: readonly (string | null)[]): readonly string[] {
  let names: string[] = NONE
  let next = at + 2
  const count = bytes.readUInt16BE(at)
  for (let index = 0; index < count; index++) {
    const kind = bytes[next++]
    if (kind === TupleKind.UNCHANGED) {
      const field = fields[index]
      if (names === NONE) names = []
      if (typeof field === 'string') names.push(field)
    } else if (kind !== TupleKind.NULL) next += 4 + bytes.readUInt32BE(next)
  }
  return names
}
const NONE: string[] = []
