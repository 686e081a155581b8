// Whether a reader's schema can read what a writer's schema wrote: the rules and the reports of Avro's own checker.
// Source: https://avro.apache.org/docs/1.12.0/specification/ (schema resolution)
import type { Incompatibility } from '../language.ts'
import { type AvroEnum, type AvroField, type AvroNamed, type AvroRecord, type AvroSchema, avroField } from './model.ts'

type Findings = readonly Incompatibility[]

const NONE: Findings = []

/** What a reader of a primitive type takes beside its own. */
const PROMOTED: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
}

/** Everything in which `reader` cannot read what `writer` wrote, in the order of the reader's schema. */
export function incompatibilities(reader: AvroSchema, writer: AvroSchema): Findings {
  return new Checker().check(reader, writer, [])
}

class Checker {
  /** What was found for a pair; null while it is being looked at: a schema that contains itself is taken to fit. */
  readonly #known = new Map<AvroSchema, Map<AvroSchema, Findings | null>>()

  check(reader: AvroSchema, writer: AvroSchema, path: readonly string[]): Findings {
    let byWriter = this.#known.get(reader)
    if (byWriter === undefined) {
      byWriter = new Map()
      this.#known.set(reader, byWriter)
    }
    const known = byWriter.get(writer)
    if (known !== undefined) return known ?? NONE
    byWriter.set(writer, null)
    const found = this.#check(reader, writer, path)
    byWriter.set(writer, found)
    return found
  }

  #check(reader: AvroSchema, writer: AvroSchema, path: readonly string[]): Findings {
    if (writer.type === 'union' && reader.type !== 'union') {
      return writer.types.flatMap((type) => this.check(reader, type, path))
    }
    switch (reader.type) {
      case 'union':
        return this.#union(reader.types, reader, writer, path)
      case 'array':
        if (writer.type === 'array') return this.check(reader.items, writer.items, [...path, 'items'])
        break
      case 'map':
        if (writer.type === 'map') return this.check(reader.values, writer.values, [...path, 'values'])
        break
      case 'fixed':
        if (writer.type === 'fixed') {
          const sizes = `expected: ${writer.size}, found: ${reader.size}`
          const size = reader.size === writer.size ? NONE : [finding('FIXED_SIZE_MISMATCH', [...path, 'size'], sizes)]
          return [...names(reader, writer, path), ...size]
        }
        break
      case 'enum':
        if (writer.type === 'enum') return [...names(reader, writer, path), ...symbols(reader, writer, path)]
        break
      case 'record':
        if (writer.type === 'record') return [...names(reader, writer, path), ...this.#fields(reader, writer, path)]
        break
      default:
        if (reader.type === writer.type || PROMOTED[reader.type]?.includes(writer.type) === true) return NONE
    }
    const message = `reader type: ${typeName(reader)} not compatible with writer type: ${typeName(writer)}`
    return [finding('TYPE_MISMATCH', path, message)]
  }

  /** Each type that the writer may have written must be one of the reader's. */
  #union(types: readonly AvroSchema[], reader: AvroSchema, writer: AvroSchema, path: readonly string[]): Findings {
    if (writer.type !== 'union') {
      if (types.some((type) => this.check(type, writer, []).length === 0)) return NONE
      return [finding('MISSING_UNION_BRANCH', path, `reader union lacking writer type: ${typeName(writer)}`)]
    }
    return writer.types.flatMap((type, at) => {
      if (this.check(reader, type, []).length === 0) return []
      const message = `reader union lacking writer type: ${typeName(type)}`
      return [finding('MISSING_UNION_BRANCH', [...path, String(at)], message)]
    })
  }

  #fields(reader: AvroRecord, writer: AvroRecord, path: readonly string[]): Findings {
    return reader.fields.flatMap((field, at) => {
      const place = [...path, 'fields', String(at)]
      const written = writtenField(writer, field)
      if (written !== undefined) return this.check(field.schema, written.schema, [...place, 'type'])
      if (field.defaultValue !== undefined) return NONE
      if (field.schema.type === 'enum' && field.schema.defaultSymbol !== null) {
        return this.check(field.schema, writer, [...place, 'type'])
      }
      return [finding('READER_FIELD_MISSING_DEFAULT_VALUE', place, field.name)]
    })
  }
}

/** The writer's field of a reader's field, by its name or else by an alias that the reader gives it. */
function writtenField(writer: AvroRecord, field: AvroField): AvroField | undefined {
  for (const name of [field.name, ...field.aliases]) {
    const found = avroField(writer, name)
    if (found !== undefined) return found
  }
  return undefined
}

/** True when a reader's named type goes by the writer's name: without its namespace, or by an alias. */
function sameName(reader: AvroNamed, writer: AvroNamed): boolean {
  return reader.name === writer.name || reader.aliases.includes(writer.fullName)
}

function names(reader: AvroNamed, writer: AvroNamed, path: readonly string[]): Findings {
  if (sameName(reader, writer)) return NONE
  return [finding('NAME_MISMATCH', [...path, 'name'], `expected: ${writer.fullName}`)]
}

function symbols(reader: AvroEnum, writer: AvroEnum, path: readonly string[]): Findings {
  if (reader.defaultSymbol !== null) return NONE
  const lacking = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol)).toSorted()
  return lacking.length === 0
    ? NONE
    : [finding('MISSING_ENUM_SYMBOLS', [...path, 'symbols'], `[${lacking.join(', ')}]`)]
}

function finding(type: string, path: readonly string[], message: string): Incompatibility {
  const place = path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
  return { type, path: `/${place}`, message }
}

function typeName(schema: AvroSchema): string {
  return schema.type.toUpperCase()
}
