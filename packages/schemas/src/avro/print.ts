// The text of a schema: what Avro's own `Schema.toString` gives, letter by letter, and what a registry stores and compares.
import { type JsonNode, printJson, quote } from '../json-text.ts'
import { type AvroField, type AvroNamed, type AvroProps, type AvroSchema, isNamed, PRIMITIVES } from './model.ts'

const PRIMITIVE_NAMES: ReadonlySet<string> = new Set(PRIMITIVES)
const TYPE_NAMES: ReadonlySet<string> = new Set([...PRIMITIVES, 'record', 'enum', 'fixed', 'array', 'map', 'union'])

/**
 * The text of a schema.
 * @param known full names that are defined elsewhere: they are referred to and not written out
 */
export function printAvro(schema: AvroSchema, known: Iterable<string> = []): string {
  return print(schema, new Set(known), null)
}

/** `space` is the namespace around; `known` collects the names that were written out. */
function print(schema: AvroSchema, known: Set<string>, space: string | null): string {
  if (isNamed(schema)) return printNamed(schema, known, space)
  switch (schema.type) {
    case 'union':
      return `[${schema.types.map((type) => print(type, known, space)).join(',')}]`
    case 'array':
      return `{"type":"array","items":${print(schema.items, known, space)}${printProps(schema.props)}}`
    case 'map':
      return `{"type":"map","values":${print(schema.values, known, space)}${printProps(schema.props)}}`
    default:
      return schema.props.size === 0 ? quote(schema.type) : `{"type":"${schema.type}"${printProps(schema.props)}}`
  }
}

function printNamed(schema: AvroNamed, known: Set<string>, space: string | null): string {
  if (known.has(schema.fullName)) return quote(qualified(schema, space))
  known.add(schema.fullName)
  const head = `{"type":"${schema.type === 'record' && schema.isError ? 'error' : schema.type}","name":${quote(schema.name)}`
  const doc = schema.doc === null ? '' : `,"doc":${quote(schema.doc)}`
  return `${head}${printNamespace(schema, space)}${doc}${printBody(schema, known)}${printProps(schema.props)}${printAliases(schema)}}`
}

function printNamespace({ namespace }: AvroNamed, space: string | null): string {
  if (namespace === space) return ''
  return `,"namespace":${quote(namespace ?? '')}`
}

function printBody(schema: AvroNamed, known: Set<string>): string {
  switch (schema.type) {
    case 'fixed':
      return `,"size":${schema.size}`
    case 'enum': {
      const byDefault = schema.defaultSymbol === null ? '' : `,"default":${quote(schema.defaultSymbol)}`
      return `,"symbols":[${schema.symbols.map(quote).join(',')}]${byDefault}`
    }
    case 'record':
      return `,"fields":[${schema.fields.map((field) => printField(field, known, schema.namespace)).join(',')}]`
  }
}

function printField(field: AvroField, known: Set<string>, space: string | null): string {
  const { name, schema, doc, defaultValue, order, aliases, props } = field
  return [
    `{"name":${quote(name)},"type":${print(schema, known, space)}`,
    doc === null ? '' : `,"doc":${quote(doc)}`,
    defaultValue === undefined ? '' : `,"default":${printJson(defaultValue)}`,
    order === 'ascending' ? '' : `,"order":"${order}"`,
    aliases.length === 0 ? '' : `,"aliases":${printJson(aliases)}`,
    `${printProps(props)}}`,
  ].join('')
}

function printProps(props: AvroProps): string {
  let text = ''
  for (const [key, value] of props) text += `,${quote(key)}:${printJson(value as JsonNode)}`
  return text
}

/** Aliases are written as names in the namespace of the type. */
function printAliases({ aliases, namespace }: AvroNamed): string {
  if (aliases.length === 0) return ''
  const written = aliases.map((alias) => {
    const dot = alias.lastIndexOf('.')
    const own = dot < 0 ? null : alias.slice(0, dot)
    return quote(own === namespace && own !== null ? alias.slice(dot + 1) : alias)
  })
  return `,"aliases":[${written.join(',')}]`
}

/** A reference: short within its own namespace, unless it would be read as the name of a type. */
function qualified({ name, namespace, fullName }: AvroNamed, space: string | null): string {
  return namespace !== null && namespace === space && !TYPE_NAMES.has(name) ? name : fullName
}

/** The parsing canonical form: what matters for reading data, in one order. Source: the specification, "Transforming into Parsing Canonical Form". */
export function parsingCanonicalForm(schema: AvroSchema): string {
  return canonical(schema, new Set())
}

function canonical(schema: AvroSchema, known: Set<string>): string {
  if (PRIMITIVE_NAMES.has(schema.type)) return quote(schema.type)
  switch (schema.type) {
    case 'union':
      return `[${schema.types.map((type) => canonical(type, known)).join(',')}]`
    case 'array':
      return `{"type":"array","items":${canonical(schema.items, known)}}`
    case 'map':
      return `{"type":"map","values":${canonical(schema.values, known)}}`
    default:
      return canonicalNamed(schema as AvroNamed, known)
  }
}

function canonicalNamed(schema: AvroNamed, known: Set<string>): string {
  const name = `"${schema.fullName}"`
  if (known.has(schema.fullName)) return name
  known.add(schema.fullName)
  const head = `{"name":${name},"type":"${schema.type}"`
  switch (schema.type) {
    case 'enum':
      return `${head},"symbols":[${schema.symbols.map((symbol) => `"${symbol}"`).join(',')}]}`
    case 'fixed':
      return `${head},"size":${schema.size}}`
    case 'record': {
      const fields = schema.fields.map((field) => `{"name":"${field.name}","type":${canonical(field.schema, known)}}`)
      return `${head},"fields":[${fields.join(',')}]}`
    }
  }
}
