// The source text by which a compiled reader takes each kind of field from the wire. Nothing of a schema's text goes into it
// but numbers and quoted names.
import type { Schema } from '@millrace/api'
import type { LinkedField, ProtoScalar } from '@millrace/schemas/protobuf'
import { tagOf, Wire } from './wire.ts'

/** A reader's parts for one field: `i` is the cursor, `E` the end of the message, `n` and `o` are scratch. */
export interface FieldCode {
  /** Declarations before the loop. */
  readonly locals: string
  /** Cases of the switch over tags. */
  readonly cases: string
  /** Statements after the loop: messages that were stepped over are read here. */
  readonly finish: string
  /** The expression of the field's value. */
  readonly value: string
}

/** An expression that reads one scalar as values of a Connect type. */
export function scalarRead(scalar: ProtoScalar, connect: Schema['type'], strict: boolean): string {
  const read = scalarCall(scalar, strict)
  if (connect === 'INT8') return `${read} << 24 >> 24`
  return connect === 'INT16' ? `${read} << 16 >> 16` : read
}
function scalarCall(scalar: ProtoScalar, strict: boolean): string {
  switch (scalar) {
    case 'uint64':
    case 'int64':
      return 'i.int64()'
    case 'sfixed64':
    case 'fixed64':
      return 'i.fixed64()'
    case 'string':
      return strict ? 'i.string()' : 'i.looseString()'
    case 'bytes':
      return 'i.block()'
    default:
      return `i.${scalar}()`
  }
}

/** A value that stands in one place: the last one counts. `check` guards values that are stepped over. */
export function singleCode(at: number, tag: number, initial: string, read: string, isOpen: boolean): FieldCode {
  const take = isOpen ? `v${at} = ${read};` : `n = ${read}; if (n !== undefined) v${at} = n;`
  return { locals: `let v${at} = ${initial};`, cases: `case ${tag}: ${take} break;`, finish: '', value: `v${at}` }
}

/** A message: it is stepped over, and read at the end, since all its pieces together are one. */
export function messageCode(at: number, field: LinkedField, reader: string, absent: string): FieldCode {
  return {
    locals: `let v${at}, s${at} = -1, e${at} = 0, m${at} = null;`,
    cases: `case ${tagOf(field.number, Wire.BYTES)}: n = i.size(); ${pieceCode(at)} break;`,
    finish: `if (s${at} < 0) v${at} = ${absent}; else ${messageRead(at, `v${at}`, reader)}`,
    value: `v${at}`,
  }
}
/** Keeps where a message of `n` bytes stands. */
export function pieceCode(at: number): string {
  return `if (s${at} < 0) { s${at} = i.at; e${at} = i.at + n; } else m${at} = i.piece(m${at}, n); i.at += n;`
}
/** Reads a message that was stepped over. */
export function messageRead(at: number, target: string, reader: string): string {
  const one = `i.within(s${at}, e${at}); ${target} = ${reader}();`
  return `{ if (m${at} === null) { ${one} } else { ${target} = i.merged(s${at}, e${at}, m${at}, ${reader}); } i.leave(E); }`
}

/** A list of scalars, one by one or in runs. */
export function listCode(at: number, field: LinkedField, wire: Wire, read: string, isOpen: boolean): FieldCode {
  const add = isOpen ? `v${at}.push(${read});` : `n = ${read}; if (n !== undefined) v${at}.push(n);`
  const run = `case ${tagOf(field.number, Wire.BYTES)}: o = i.enter(); while (i.at < i.end) { ${add} } i.leave(o); break;`
  return {
    locals: `const v${at} = [];`,
    cases: `case ${tagOf(field.number, wire)}: ${add} break; ${wire === Wire.BYTES ? '' : run}`,
    finish: '',
    value: `v${at}`,
  }
}

/** A list of messages. */
export function messagesCode(at: number, field: LinkedField, reader: string): FieldCode {
  const tag = tagOf(field.number, Wire.BYTES)
  return {
    locals: `const v${at} = [];`,
    cases: `case ${tag}: o = i.enter(); v${at}.push(${reader}()); i.leave(o); break;`,
    finish: '',
    value: `v${at}`,
  }
}

/** A map: `reader` sets one entry. */
export function mapCode(at: number, field: LinkedField, reader: string): FieldCode {
  const tag = tagOf(field.number, Wire.BYTES)
  return {
    locals: `const v${at} = new Map();`,
    cases: `case ${tag}: o = i.enter(); ${reader}(v${at}); i.leave(o); break;`,
    finish: '',
    value: `v${at}`,
  }
}

/** A quoted name, as a computed key: `__proto__` is a name like others. */
export function keyCode(name: string): string {
  return `[${JSON.stringify(name)}]`
}
