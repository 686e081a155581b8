// Kafka's message schemas, and an encoding of values by them that knows nothing of the definitions under test.

/** A field of a schema, as Kafka writes it. */
export interface SchemaField {
  readonly name: string
  readonly type: string
  readonly versions: string
  readonly nullableVersions?: string
  readonly taggedVersions?: string
  readonly tag?: number
  readonly fields?: readonly SchemaField[]
}

/** A message. */
export interface Schema {
  readonly name: string
  readonly apiKey: number
  readonly validVersions: string
  readonly flexibleVersions: string
  readonly fields: readonly SchemaField[]
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly SchemaField[] }[]
}

/** A value of a message: what the definitions take and give, with plain objects and arrays. */
export type Value = number | string | boolean | null | Buffer | readonly Value[] | { readonly [name: string]: Value }

/** Parses a schema: JSON with comments in lines of their own. */
export function parseSchema(text: string): Schema {
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')) as Schema
}

/** `3+`, `2-5`, `4` or `none`, as first and last version. */
export function versionRange(text: string | undefined): readonly [from: number, to: number] {
  if (text === undefined || text === 'none') return [1, 0]
  const [from, to] = text.replace('+', '-').split('-')
  return [Number(from), to === undefined ? Number(from) : to === '' ? Number.POSITIVE_INFINITY : Number(to)]
}

function has(range: string | undefined, version: number): boolean {
  const [from, to] = versionRange(range)
  return version >= from && version <= to
}

/** `ErrorCode` is `errorCode`. */
export function fieldName(field: SchemaField): string {
  return field.name.charAt(0).toLowerCase() + field.name.slice(1)
}

/** One schema in one version. `random` gives numbers below 1. */
export class VersionedSchema {
  readonly #schema: Schema
  readonly #version: number
  readonly #flexible: boolean
  readonly #random: () => number

  constructor(schema: Schema, version: number, random: () => number) {
    this.#schema = schema
    this.#version = version
    this.#flexible = has(schema.flexibleVersions, version)
    this.#random = random
  }

  /** A random message; tagged fields are there half of the time. */
  value(): Readonly<Record<string, Value>> {
    return this.#struct(this.#schema.fields)
  }
  /** Its bytes. */
  encode(value: Readonly<Record<string, Value>>): Buffer {
    return this.#encodeStruct(this.#schema.fields, value)
  }

  #upTo(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
  #present(fields: readonly SchemaField[]): readonly SchemaField[] {
    return fields.filter((field) => has(field.versions, this.#version))
  }
  #isTagged(field: SchemaField): boolean {
    return field.tag !== undefined && has(field.taggedVersions, this.#version)
  }
  #fieldsOf(field: SchemaField): readonly SchemaField[] {
    const type = field.type.replace('[]', '')
    const common = this.#schema.commonStructs?.find((one) => one.name === type)
    const fields = field.fields ?? common?.fields
    if (fields === undefined) throw new Error(`The schema ${this.#schema.name} has a type ${type} that is not known`)
    return fields
  }

  #struct(fields: readonly SchemaField[]): Readonly<Record<string, Value>> {
    const wanted = this.#present(fields).filter((field) => !this.#isTagged(field) || this.#random() < 0.5)
    return Object.fromEntries(wanted.map((field) => [fieldName(field), this.#one(field)]))
  }
  #one(field: SchemaField): Value {
    if (has(field.nullableVersions, this.#version) && this.#random() < 0.25) return null
    if (!field.type.startsWith('[]')) return this.#scalar(field)
    // A tagged list that is empty need not be written: the one case with two encodings.
    const length = this.#upTo(3) + (this.#isTagged(field) ? 1 : 0)
    return Array.from({ length }, () => this.#scalar({ ...field, type: field.type.slice(2) }))
  }
  #scalar(field: SchemaField): Value {
    const bits = /^u?int(\d+)$/.exec(field.type)?.[1]
    if (field.type === 'int64') return this.#upTo(2 ** 52) * (this.#random() < 0.5 ? -1 : 1)
    if (bits !== undefined)
      return this.#upTo(2 ** Number(bits)) - (field.type.startsWith('u') ? 0 : 2 ** (Number(bits) - 1))
    if (field.type === 'bool') return this.#random() < 0.5
    if (field.type === 'float64') return this.#random()
    if (field.type === 'uuid') return this.#bytes(16).toString('base64url')
    if (field.type === 'string') return ['', 'a', 'żółć😀', 'x'.repeat(this.#upTo(300))][this.#upTo(4)] as string
    if (field.type === 'bytes' || field.type === 'records') return this.#bytes(this.#upTo(200))
    return this.#struct(this.#fieldsOf(field))
  }
  #bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#upTo(256)))
  }

  #encodeStruct(fields: readonly SchemaField[], value: Readonly<Record<string, Value>>): Buffer {
    const present = this.#present(fields)
    const parts = present
      .filter((field) => !this.#isTagged(field))
      .map((field) => this.#encodeOne(field, value[fieldName(field)] as Value))
    if (!this.#flexible) return Buffer.concat(parts)
    const tagged = present
      .filter((field) => this.#isTagged(field) && value[fieldName(field)] !== undefined)
      .sort((a, b) => (a.tag as number) - (b.tag as number))
    parts.push(uvarint(tagged.length))
    for (const field of tagged) {
      const bytes = this.#encodeOne(field, value[fieldName(field)] as Value)
      parts.push(uvarint(field.tag as number), uvarint(bytes.length), bytes)
    }
    return Buffer.concat(parts)
  }
  #encodeOne(field: SchemaField, value: Value): Buffer {
    if (!field.type.startsWith('[]')) return this.#encodeScalar(field, value)
    const list = value as readonly Value[] | null
    const length = this.#flexible ? uvarint((list?.length ?? -1) + 1) : int(4, list?.length ?? -1)
    const element = { ...field, type: field.type.slice(2), nullableVersions: 'none' }
    return Buffer.concat([length, ...(list ?? []).map((one) => this.#encodeScalar(element, one))])
  }
  #encodeScalar(field: SchemaField, value: Value): Buffer {
    const bits = /^u?int(\d+)$/.exec(field.type)?.[1]
    if (bits !== undefined) return int(Number(bits) / 8, value as number)
    if (field.type === 'bool') return int(1, value === true ? 1 : 0)
    if (field.type === 'uuid') return Buffer.from(value as string, 'base64url')
    if (field.type === 'float64') {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleBE(value as number)
      return bytes
    }
    if (field.type === 'string') return this.#sized(value === null ? null : Buffer.from(value as string), 2)
    if (field.type === 'bytes' || field.type === 'records') return this.#sized(value as Buffer | null, 4)
    if (!has(field.nullableVersions, this.#version)) return this.#encodeStruct(this.#fieldsOf(field), value as never)
    if (value === null) return int(1, -1)
    return Buffer.concat([int(1, 1), this.#encodeStruct(this.#fieldsOf(field), value as never)])
  }
  #sized(bytes: Buffer | null, lengthBytes: number): Buffer {
    const length = bytes?.length ?? -1
    return Buffer.concat([this.#flexible ? uvarint(length + 1) : int(lengthBytes, length), bytes ?? Buffer.alloc(0)])
  }
}

function int(bytes: number, value: number): Buffer {
  const out = Buffer.alloc(8)
  out.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)))
  return out.subarray(8 - bytes)
}

function uvarint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest])
    bytes.push((rest & 0x7f) | 0x80)
  }
}
