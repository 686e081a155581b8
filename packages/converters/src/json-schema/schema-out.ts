// JSON schemas of Connect schemas: the reference's mapping, so that the text is the same letter by letter.
// Source: the behaviour of io.confluent.connect.json.JsonSchemaData, version 8.
import { DataException, LogicalName, type Schema } from '@millrace/api'
import type { JsonSchemaOptions } from './config.ts'
import { defaultText, json } from './default-out.ts'
import { hashed, hashedCopy, hashedToSize } from './java-hash.ts'
import {
  BYTES_TYPE,
  hasStringKeys,
  isExtrasField,
  isUnionSchema,
  isVariantSchema,
  KEY,
  MAP_TYPE,
  Member,
  NAMESPACE,
  NULL_SYMBOL,
  Param,
  VALUE,
} from './names.ts'

/** Members of a JSON object with their texts, in the order in which they stand. */
type Members = readonly (readonly [name: string, text: string])[]

/** A schema without what it says of itself, which stands between what tells its type and what is in it. */
interface Body {
  readonly type: Members
  readonly content: Members
  readonly connectType?: string
  /** True where nothing but its place is said of it. */
  readonly bare?: boolean
}

const NULL_SCHEMA = '{"type":"null"}'

/** The text of the schema under which values of a Connect schema are written. @throws DataException when there is none */
export function toJsonSchema(schema: Schema, options: JsonSchemaOptions): string {
  try {
    return new SchemaWriter(options).write(schema, null, false)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new DataException('The schema contains itself without an id by which it could be referred to', {
      cause: error,
    })
  }
}

class SchemaWriter {
  readonly #options: JsonSchemaOptions
  /** Ids of schemas that were begun: those are referred to from then on. */
  readonly #ids = new Set<string>()

  constructor(options: JsonSchemaOptions) {
    this.#options = options
  }

  /**
   * @param index the place of a field; null where there are no places
   * @param required leave out that null is possible
   */
  write(schema: Schema, index: number | null, required: boolean): string {
    const id = schema.parameters?.get(Param.ID)
    if (id !== undefined) this.#ids.add(id)
    const body = this.#body(schema, required)
    const place: Members = index === null ? [] : [[Member.INDEX, String(index)]]
    const named: Members = id === undefined ? [] : [['id', json(id)]]
    if (body.bare === true) return object([...body.type, ...named, ...place, ...body.content])
    const texts: Members = [...described(schema), ...this.#defaultOf(schema)]
    const own = properties(schema, body.connectType)
    if (required || !schema.optional) {
      const rest = unprocessed([...own, ...place])
      return object([...body.type, ...texts, ...named, ...rest, ...body.content])
    }
    const present = object([...body.type, ...texts, ...unprocessed(own), ...body.content])
    return object([...named, ...place, ['oneOf', `[${NULL_SCHEMA},${present}]`]])
  }

  #defaultOf(schema: Schema): Members {
    const { defaultValue } = schema
    if (defaultValue === undefined || defaultValue === null) return []
    return [['default', defaultText(schema, defaultValue, this.#options)]]
  }

  #body(schema: Schema, required: boolean): Body {
    switch (schema.type) {
      case 'INT8':
      case 'INT16':
      case 'INT32':
      case 'INT64':
        return typed('integer', schema.type.toLowerCase())
      case 'FLOAT32':
      case 'FLOAT64':
        return typed('number', schema.type.toLowerCase())
      case 'BOOLEAN':
        return { type: [], content: [['type', '"boolean"']] }
      case 'STRING':
        return this.#string(schema)
      case 'BYTES': {
        const isNumber = schema.name === LogicalName.DECIMAL && this.#options.decimalFormat === 'NUMERIC'
        return typed(isNumber ? 'number' : 'string', BYTES_TYPE)
      }
      case 'ARRAY':
        return { type: [['type', '"array"']], content: [['items', this.#referable(inner(schema), null)]] }
      case 'MAP':
        return this.#map(schema)
      case 'STRUCT':
        return this.#structs(schema, schema.optional && !required)
    }
  }

  #string({ parameters }: Schema): Body {
    if (!parameters?.has(Param.GENERAL_ENUM) && !parameters?.has(Param.ENUM)) return typed('string')
    const prefix = `${this.#options.generalized ? Param.GENERAL_ENUM : Param.ENUM}.`
    const symbols = [...parameters.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .map((symbol) => (symbol === NULL_SYMBOL ? null : symbol))
    const texts = hashed(new Set(symbols), (symbol) => symbol).map(json)
    return { type: [['enum', `[${texts.join(',')}]`]], content: [] }
  }

  #map(schema: Schema): Body {
    const [key, value] = [schema.keySchema, inner(schema)]
    if (key === null) throw new DataException('A map without a schema of its keys has no JSON schema')
    if (hasStringKeys(schema)) {
      const values = this.write(value, null, false)
      return { type: [['type', '"object"']], content: [['additionalProperties', values]], connectType: MAP_TYPE }
    }
    const entry = this.#objectOf([
      [KEY, this.write(key, 0, false)],
      [VALUE, this.write(value, 1, false)],
    ])
    const items = object([...entry.type, ...entry.content])
    return { type: [['type', '"array"']], content: [['items', items]], connectType: MAP_TYPE }
  }

  #structs(schema: Schema, optional: boolean): Body {
    if (isVariantSchema(schema)) return { type: [], content: [] }
    if (isUnionSchema(schema)) {
      const members = schema.fields.map((field) => this.write(field.schema, field.index, true))
      return oneOf(optional ? [NULL_SCHEMA, ...members] : members)
    }
    if (optional) return oneOf([NULL_SCHEMA, this.write(schema, null, true)])
    const { keepOthers, allowOthers } = this.#options
    const fields = schema.fields.filter((field) => !(keepOthers && isExtrasField(field)))
    const body = this.#objectOf(fields.map((field) => [field.name, this.#referable(field.schema, field.index)]))
    return allowOthers ? body : { ...body, type: [...body.type, ['additionalProperties', 'false']] }
  }
  #objectOf(named: Members): Body {
    const all = hashed(named, ([name]) => name)
    return { type: [['type', '"object"']], content: all.length === 0 ? [] : [['properties', object(all)]] }
  }

  /** A schema that was begun is referred to by its id. */
  #referable(schema: Schema, index: number | null): string {
    const id = schema.parameters?.get(Param.ID)
    return id !== undefined && this.#ids.has(id) ? object([['$ref', json(id)]]) : this.write(schema, index, false)
  }
}

function typed(type: string, connectType?: string): Body {
  const body: Body = { type: [['type', `"${type}"`]], content: [] }
  return connectType === undefined ? body : { ...body, connectType }
}
function oneOf(members: readonly string[]): Body {
  return { type: [], content: [['oneOf', `[${members.join(',')}]`]], bare: true }
}

function described({ name, doc }: Schema): Members {
  const title: Members = name === null ? [] : [['title', json(name)]]
  return doc === null ? title : [...title, ['description', json(doc)]]
}

/** What only Connect knows of a schema. */
function properties({ version, parameters }: Schema, connectType: string | undefined): Members {
  const type: Members = connectType === undefined ? [] : [[Member.TYPE, json(connectType)]]
  const number: Members = version === null ? [] : [[Member.VERSION, String(version)]]
  const others = [...(parameters ?? [])].filter(([name]) => !name.startsWith(NAMESPACE))
  if (others.length === 0) return [...type, ...number]
  const texts = hashedToSize(
    hashed(others, ([name]) => name),
    ([name]) => name,
  ).map(([name, value]) => [name, json(value)] as const)
  return [...type, ...number, [Member.PARAMETERS, object(texts)]]
}
/** They stand in the order of a copied hash map. */
function unprocessed(members: Members): Members {
  return hashedCopy(
    hashed(members, ([name]) => name),
    ([name]) => name,
  )
}

function object(members: Members): string {
  return `{${members.map(([name, text]) => `${json(name)}:${text}`).join(',')}}`
}

function inner({ type, valueSchema }: Schema): Schema {
  if (valueSchema !== null) return valueSchema
  throw new DataException(`A schema of type ${type} without a schema of its elements has no JSON schema`)
}
