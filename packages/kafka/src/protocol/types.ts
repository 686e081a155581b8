// The language in which messages are defined: types that know, per version of a message, how to write and read themselves.
// One definition serves the client and the embedded broker, in both directions. Compiled once per version, then only closures run.
import type { ByteReader } from './reader.ts'
import type { ByteWriter } from './writer.ts'

/** How one version of something is written and read. */
export interface Codec<Out, In = Out> {
  write(out: ByteWriter, value: In): void
  read(from: ByteReader): Out
}

type Compile<Out, In> = (version: number, flexible: boolean) => Codec<Out, In>

/**
 * A type of the protocol. `Out` is what reading gives, `In` what writing takes.
 * A field of a struct carries its type together with the versions in which it is there.
 */
export class Type<Out, In = Out, Optional extends boolean = false> {
  readonly compile: Compile<Out, In>
  /** What a field has where a version lacks it, and what is written where none is given. */
  readonly initial: Out
  readonly from: number
  readonly to: number
  /** Number of a tagged field, -1 for an ordinary one. */
  readonly tag: number
  /** Only for the compiler: says whether a field may be left out when writing. */
  declare readonly optional: Optional

  constructor(compile: Compile<Out, In>, initial: Out, from = 0, to = Number.POSITIVE_INFINITY, tag = -1) {
    this.compile = compile
    this.initial = initial
    this.from = from
    this.to = to
    this.tag = tag
  }

  /** Present from this version on. May be left out when writing. */
  since(version: number): Type<Out, In, true> {
    return new Type(this.compile, this.initial, version, this.to, this.tag)
  }
  /** Present up to and including this version. May be left out when writing. */
  until(version: number): Type<Out, In, true> {
    return new Type(this.compile, this.initial, this.from, version, this.tag)
  }
  /** This value where none is given or present. May be left out when writing. */
  default(value: Out): Type<Out, In, true> {
    return new Type(this.compile, value, this.from, this.to, this.tag)
  }
  /** A tagged field (KIP-482), present from this version on; not written while it has its default. */
  tagged(tag: number, version: number): Type<Out, In, true> {
    return new Type(this.compile, this.initial, version, this.to, tag)
  }
}

/** Always the same codec, whatever the version. */
function plain<T>(initial: T, codec: Codec<T>): Type<T> {
  return new Type(() => codec, initial)
}

export const int8 = plain(0, { write: (out, value) => out.int8(value), read: (from) => from.int8() })
export const int16 = plain(0, { write: (out, value) => out.int16(value), read: (from) => from.int16() })
export const uint16 = plain(0, { write: (out, value) => out.uint16(value), read: (from) => from.uint16() })
export const int32 = plain(0, { write: (out, value) => out.int32(value), read: (from) => from.int32() })
export const int64 = plain(0, { write: (out, value) => out.int64(value), read: (from) => from.int64() })
export const float64 = plain(0, { write: (out, value) => out.float64(value), read: (from) => from.float64() })
export const bool = plain(false, { write: (out, value) => out.bool(value), read: (from) => from.bool() })
/** The UUID of all zeroes: "none". */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
export const uuid = plain(ZERO_UUID, { write: (out, value) => out.uuid(value), read: (from) => from.uuid() })

const TEXT = [textCodec(false), textCodec(true)] as const
const BLOB = [blobCodec(false), blobCodec(true)] as const

function textCodec(compact: boolean): Codec<string | null> {
  return {
    write: (out, value) => out.text(value, compact),
    read: (from) => from.text(compact ? from.uvarint() - 1 : from.int16()),
  }
}
function blobCodec(compact: boolean): Codec<Buffer | null, Uint8Array | null> {
  return {
    write: (out, value) => out.blob(value, compact),
    read: (from) => from.view(compact ? from.uvarint() - 1 : from.int32()),
  }
}

/** Text; compact in flexible versions. A null on the wire is read as empty. */
export const string = new Type<string>((_version, flexible) => {
  const codec = TEXT[flexible ? 1 : 0]
  return { write: codec.write, read: (from) => codec.read(from) ?? '' }
}, '')
export const nullableString = new Type<string | null>((_version, flexible) => TEXT[flexible ? 1 : 0], null)
const NO_BYTES = Buffer.alloc(0)
/** Bytes; reading gives a view of the message. */
export const bytes = new Type<Buffer, Uint8Array>((_version, flexible) => {
  const codec = BLOB[flexible ? 1 : 0]
  return { write: codec.write, read: (from) => codec.read(from) ?? NO_BYTES }
}, NO_BYTES)
export const nullableBytes = new Type<Buffer | null, Uint8Array | null>(
  (_version, flexible) => BLOB[flexible ? 1 : 0],
  null,
)

/** A list of `item`. */
export function array<Out, In>(item: Type<Out, In, boolean>): Type<readonly Out[], readonly In[]> {
  const list = nullableArray(item)
  return new Type((version, flexible) => {
    const codec = list.compile(version, flexible)
    return { write: codec.write, read: (from) => codec.read(from) ?? [] }
  }, [])
}

/** A list of `item`, or null. */
export function nullableArray<Out, In>(
  item: Type<Out, In, boolean>,
): Type<readonly Out[] | null, readonly In[] | null> {
  return new Type<readonly Out[] | null, readonly In[] | null>((version, flexible) => {
    const { write, read } = item.compile(version, flexible)
    return {
      write: (out, values) => {
        const length = values === null ? -1 : values.length
        if (flexible) out.uvarint(length + 1)
        else out.int32(length)
        if (values !== null) for (const value of values) write(out, value)
      },
      read: (from) => {
        const length = from.count(flexible ? from.uvarint() - 1 : from.int32())
        if (length < 0) return null
        const values: Out[] = []
        for (let at = 0; at < length; at++) values.push(read(from))
        return values
      },
    }
  }, null)
}

/** Fields of a struct, in the order of the wire. */
// biome-ignore lint/suspicious/noExplicitAny: only a bound for inference; every use is typed by its own field
export type Fields = Readonly<Record<string, Type<any, any, boolean>>>
/** What reading a struct gives. */
export type Read<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Type<infer Out, infer _, boolean> ? Out : never
}
type InOf<T> = T extends Type<infer _, infer In, boolean> ? In : never
/** What writing a struct takes: fields of some versions, tagged fields and fields with defaults may be left out. */
export type Written<F extends Fields> = {
  readonly [K in keyof F as F[K] extends { optional: true } ? never : K]: InOf<F[K]>
} & { readonly [K in keyof F as F[K] extends { optional: true } ? K : never]?: InOf<F[K]> | undefined }

/** A struct. In flexible versions tagged fields follow the ordinary ones; unknown ones are skipped. */
export function struct<const F extends Fields>(fields: F): Type<Read<F>, Written<F>> {
  const initial = Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, type.initial])) as Read<F>
  return new Type<Read<F>, Written<F>>((version, flexible) => structCodec(fields, initial, version, flexible), initial)
}

/** A struct that may be null: one byte before it, -1 or 1. */
export function nullableStruct<const F extends Fields>(fields: F): Type<Read<F> | null, Written<F> | null> {
  const inner = struct(fields)
  return new Type<Read<F> | null, Written<F> | null>((version, flexible) => {
    const codec = inner.compile(version, flexible)
    return {
      write: (out, value) => {
        out.int8(value === null ? -1 : 1)
        if (value !== null) codec.write(out, value)
      },
      read: (from) => (from.int8() < 0 ? null : codec.read(from)),
    }
  }, null)
}

interface Part {
  readonly name: string
  readonly tag: number
  readonly initial: unknown
  readonly codec: Codec<unknown>
}

function structCodec<F extends Fields>(
  fields: F,
  initial: Read<F>,
  version: number,
  flexible: boolean,
): Codec<Read<F>, Written<F>> {
  const parts: Part[] = Object.entries(fields)
    .filter(([, type]) => version >= type.from && version <= type.to)
    .map(([name, type]) => ({ name, tag: type.tag, initial: type.initial, codec: type.compile(version, flexible) }))
  const ordinary = parts.filter((part) => part.tag < 0)
  const tagged = parts.filter((part) => part.tag >= 0).sort((a, b) => a.tag - b.tag)
  return {
    write: (out, value) => {
      const given = value as Readonly<Record<string, unknown>>
      for (const { name, codec, initial: none } of ordinary) {
        const one = given[name]
        codec.write(out, one === undefined ? none : one)
      }
      if (flexible) writeTagged(out, tagged, given)
    },
    read: (from) => {
      const value: Record<string, unknown> = { ...initial }
      for (const { name, codec } of ordinary) value[name] = codec.read(from)
      if (flexible) readTagged(from, tagged, value)
      return value as Read<F>
    },
  }
}

function writeTagged(out: ByteWriter, tagged: readonly Part[], given: Readonly<Record<string, unknown>>): void {
  const present = tagged.filter((part) => given[part.name] !== undefined && given[part.name] !== part.initial)
  out.uvarint(present.length)
  for (const { name, tag, codec } of present) {
    const scratch = out.scratch()
    codec.write(scratch, given[name])
    out.uvarint(tag)
    out.uvarint(scratch.length)
    out.raw(scratch.bytes())
  }
}

function readTagged(from: ByteReader, tagged: readonly Part[], value: Record<string, unknown>): void {
  const count = from.count(from.uvarint())
  for (let at = 0; at < count; at++) {
    const tag = from.uvarint()
    const size = from.uvarint()
    const part = tagged.find((one) => one.tag === tag)
    if (part === undefined) {
      from.skip(size)
      continue
    }
    const after = from.at + size
    value[part.name] = part.codec.read(from)
    from.at = after
  }
}
