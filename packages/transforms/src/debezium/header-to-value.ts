// HeaderToValue: headers copied or moved into fields of the value, nested ones too.
import {
  ConfigException,
  type ConnectRecord,
  DataException,
  defineConfig,
  type Header,
  javaClassOf,
  oneOfIgnoringCase,
  type RawConfig,
  type Schema,
  SchemaBuilder,
  Schemas,
  satisfies,
  type Transformation,
} from '@millrace/api'
import { type Members, requireStruct } from '../apache/common/requirements.ts'
import { copyBasics } from '../apache/common/schemas.ts'

import { DebeziumException } from './errors.ts'

const PURPOSE = 'Header field insertion'
const names = satisfies('names without spaces', (value) =>
  (value as readonly string[]).some((one) => one === '' || /\s/.test(one))
    ? 'Empty names and names with spaces are not allowed.'
    : undefined,
)
const CONFIG = defineConfig({
  headers: { type: 'list', importance: 'high', validator: names, doc: 'Names of headers whose values become fields.' },
  fields: {
    type: 'list',
    importance: 'high',
    validator: names,
    doc: 'The fields, in the order of the headers. Dots lead into structs, which are made where they are not there.',
  },
  operation: {
    type: 'string',
    importance: 'high',
    validator: oneOfIgnoringCase('move', 'copy'),
    doc: 'move takes the headers away from the record, copy leaves them.',
  },
})

/** What goes into a struct: values by field, and more of the same for structs in it. */
interface Additions {
  readonly values: Map<string, Pick<Header, 'schema' | 'value'>>
  readonly inner: Map<string, Additions>
}
const nothing = (): Additions => ({ values: new Map(), inner: new Map() })

/** Puts headers into the value. */
export class HeaderToValue implements Transformation {
  readonly config = CONFIG
  #paths: ReadonlyMap<string, readonly string[]> = new Map()
  #moves = false
  /** New schemas by old one and by what the headers are; one at a time suffices where records are alike. */
  #last: { readonly schema: Schema; readonly added: readonly (Schema | string)[]; readonly result: Schema } | null =
    null

  configure(configs: RawConfig): void {
    const { headers, fields, operation } = CONFIG.parse(configs)
    if (headers.length !== fields.length) {
      throw new ConfigException("'fields' config must have the same number of elements as 'headers' config.", {
        configKey: 'fields',
      })
    }
    // Of a header named twice the first counts.
    this.#paths = new Map(
      headers.map((name, at): [string, string[]] => [name, (fields[at] as string).split('.')]).reverse(),
    )
    this.#moves = operation.trim().toLowerCase() === 'move'
  }

  apply(record: ConnectRecord): ConnectRecord {
    if (record.value === null) return record
    if (record.valueSchema === null) {
      throw new DataException(`Only Struct objects supported for [${PURPOSE}], found: ${javaClassOf(record.value)}`)
    }
    const value = requireStruct(record.valueSchema, record.value, PURPOSE)
    const additions = nothing()
    const added: (Schema | string)[] = []
    for (const { key, schema, value: given } of record.hasHeaders ? record.headers : []) {
      const path = this.#paths.get(key)
      if (path === undefined) continue
      // A header without a schema is a text or null wherever it comes from; what else it is has no schema to give.
      const own = schema ?? Schemas.OPTIONAL_STRING
      add(additions, path, { schema: own, value: given })
      added.push(key, own)
    }
    if (added.length === 0) return record
    const schema = this.#schema(record.valueSchema, additions, added)
    const headers = this.#moves ? record.headers.duplicate() : undefined
    for (const name of headers === undefined ? [] : this.#paths.keys()) headers?.remove(name)
    return record.with({
      valueSchema: schema,
      value: filled(schema, value, additions),
      ...(headers !== undefined && { headers }),
    })
  }

  #schema(schema: Schema, additions: Additions, added: readonly (Schema | string)[]): Schema {
    const last = this.#last
    if (
      last?.schema === schema &&
      last.added.length === added.length &&
      last.added.every((one, at) => one === added[at])
    )
      return last.result
    const result = extended(schema, additions)
    this.#last = { schema, added, result }
    return result
  }
}

function add(additions: Additions, path: readonly string[], header: Pick<Header, 'schema' | 'value'>): void {
  let at = additions
  for (const name of path.slice(0, -1)) {
    const inner = at.inner.get(name) ?? nothing()
    at.inner.set(name, inner)
    at = inner
  }
  at.values.set(path.at(-1) as string, header)
}

/** @throws DebeziumException for a field that is no struct and would have members */
function extended(schema: Schema | null, { values, inner }: Additions): Schema {
  const builder = schema === null ? SchemaBuilder.struct().optional() : copyBasics(schema)
  const present = new Set<string>()
  for (const field of schema?.fields ?? []) {
    const more = inner.get(field.name)
    if (more !== undefined && field.schema.type !== 'STRUCT') {
      throw new DebeziumException(
        `Field '${field.name}' is of type ${field.schema.type}, not a struct. Cannot add nested fields to it.`,
      )
    }
    builder.field(field.name, more === undefined ? field.schema : extended(field.schema, more))
    present.add(field.name)
  }
  for (const [name, header] of values) if (!present.has(name)) builder.field(name, header.schema as Schema)
  for (const [name, more] of inner) if (!present.has(name)) builder.field(name, extended(null, more))
  return builder.build()
}

function filled(schema: Schema, given: Members | null, { values, inner }: Additions): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const { name, schema: own } of schema.fields) {
    const more = inner.get(name)
    const before = given?.[name] ?? null
    const header = values.get(name)
    if (header !== undefined) result[name] = header.value
    else if (more === undefined) result[name] = before
    // A struct that is null stays so, unless it was made for this.
    else
      result[name] =
        before === null && given !== null && Object.hasOwn(given, name)
          ? null
          : filled(own, before as Members | null, more)
  }
  return result
}
