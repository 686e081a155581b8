// Connect schemas of JSON schemas: the reference's mapping.
// Source: the behaviour of io.confluent.connect.json.JsonSchemaData, version 8.
import { DataException, Decimal, type Schema, SchemaBuilder, Schemas, valueToString } from '@millrace/api'
import { isArray, isObject, type JsonNode, JsonNumber, type ParsedJsonSchema, printJson } from '@millrace/schemas/json'
import type { JsonSchemaOptions } from './config.ts'
import { defaultValue } from './default-in.ts'
import { loadModel } from './load.ts'
import type { Annotations, Combination, JsonModel, ObjectShape } from './model.ts'
import {
  BYTES_TYPE,
  EXTRAS_FIELD,
  GENERAL_UNION_PREFIX,
  ID_PREFIX,
  KEY,
  MAP_TYPE,
  Member,
  memberField,
  NULL_SYMBOL,
  Param,
  UNION_NAME,
  VALUE,
} from './names.ts'
import { VARIANT_SCHEMA, variantBuilder } from './variant.ts'

/** What a place adds to the schema that stands there. */
interface Place {
  /** Where null is possible beside the schema's own values. */
  readonly optional: boolean
  /** The version in the registry, of the whole schema only. */
  readonly version: number | null
}
const HERE: Place = { optional: false, version: null }

/**
 * A struct that is being made or was made, for the references to it. Its parameters are those of the schema itself, too:
 * a schema that is referred to later than it was finished gets its id then, if it had parameters by then.
 */
interface Cell {
  target: Schema | null
  parameters: Map<string, string> | null
}

/**
 * The Connect schema of values under a JSON schema.
 * @param version the version in the registry, which a version in the schema itself overrules
 * @throws DataException for what Connect has no schema for
 */
export function toConnectSchema(
  { schema, references }: ParsedJsonSchema,
  version: number | null,
  options: JsonSchemaOptions,
): Schema {
  try {
    const model = loadModel(schema, (from) => references.resolve(from), options.ignoreModern)
    return new SchemaReader(options).read(model, { optional: false, version })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new DataException('The JSON schema refers to itself without an object between, or is nested too deeply', {
      cause: error,
    })
  }
}

class SchemaReader {
  readonly #options: JsonSchemaOptions
  readonly #structs = new Map<JsonModel, Cell>()
  #ids = 0
  /** Counted with and without null, as the reference does. */
  #unions = 0

  constructor(options: JsonSchemaOptions) {
    this.#options = options
  }

  read(model: JsonModel, place: Place): Schema {
    switch (model.kind) {
      case 'reference':
        return this.#reference(model.target(), place)
      case 'combined':
        return this.#combined(model, model.about, place)
      case 'object':
        return connectType(model.about) === MAP_TYPE
          ? this.#finish(this.#objectMap(model), model.about, place)
          : this.#struct(model, place)
      default:
        return this.#finish(this.#builder(model), model.about, place)
    }
  }

  #reference(target: JsonModel, place: Place): Schema {
    const cell = this.#structs.get(target)
    if (cell === undefined) return this.read(target, place)
    cell.parameters ??= new Map()
    cell.parameters.set(Param.ID, ID_PREFIX + ++this.#ids)
    return later(cell, place.optional)
  }

  #builder(model: JsonModel): SchemaBuilder {
    switch (model.kind) {
      case 'boolean':
        return SchemaBuilder.bool()
      case 'number':
        return numberOf(model.integer, model.about)
      case 'string':
        return connectType(model.about) === BYTES_TYPE ? SchemaBuilder.bytes() : SchemaBuilder.string()
      case 'enum':
        return this.#enum(model.symbols)
      case 'array':
        return this.#array(model.items, model.about)
      case 'anything':
        return variantBuilder()
      case 'null':
        throw new DataException('The JSON schema is null alone, which Connect has no schema for')
      case 'unsupported':
        throw new DataException(`The JSON schema is "${model.keyword}" alone, which Connect has no schema for`)
      default:
        throw new DataException(`A JSON schema of kind ${model.kind} cannot stand here`)
    }
  }

  #enum(symbols: readonly JsonNode[]): SchemaBuilder {
    const { generalized } = this.#options
    const param = generalized ? Param.GENERAL_ENUM : Param.ENUM
    const builder = SchemaBuilder.string().parameter(param, '')
    for (const [at, node] of symbols.entries()) {
      const symbol = node === null ? NULL_SYMBOL : valueToString(plain(node))
      builder.parameter(`${param}.${symbol}`, generalized ? String(at) : symbol)
    }
    return builder
  }

  #array(items: JsonModel | null, about: Annotations): SchemaBuilder {
    if (items === null) throw new DataException('Array schema did not specify the items type')
    if (connectType(about) !== MAP_TYPE || items.kind !== 'object') return SchemaBuilder.array(this.read(items, HERE))
    const part = (name: string): Schema => {
      const [, schema] = items.properties.find(([property]) => property === name) ?? []
      if (schema !== undefined) return this.read(schema, HERE)
      throw new DataException(`The entries of a map must have the properties ${KEY} and ${VALUE}: ${name} is missing`)
    }
    return SchemaBuilder.map(part(KEY), part(VALUE))
  }
  #objectMap({ others }: ObjectShape): SchemaBuilder {
    if (others === null) throw new DataException('A map needs a schema of its values: additionalProperties is missing')
    return SchemaBuilder.map(Schemas.STRING, this.read(others, HERE))
  }

  #struct(model: JsonModel & ObjectShape, place: Place): Schema {
    const { keepOthers, optionalForNonRequired } = this.#options
    const keeps = keepOthers && model.permitsOthers
    if (keeps && model.properties.some(([name]) => name === EXTRAS_FIELD)) {
      throw new DataException(
        `The property ${EXTRAS_FIELD} has the name of the field that preserve.additional.properties=true adds: ` +
          'rename the property or switch that off',
      )
    }
    const cell = this.#begin(model)
    const builder = SchemaBuilder.struct()
    for (const [name, schema] of inOrder(model.properties)) {
      const optional = optionalForNonRequired && !model.required.has(name)
      builder.field(name, this.read(schema, { optional, version: null }))
    }
    if (keeps) builder.field(EXTRAS_FIELD, SchemaBuilder.map(Schemas.STRING, VARIANT_SCHEMA).optional().build())
    return this.#end(cell, this.#finish(builder, model.about, place, cell))
  }
  #begin(model: JsonModel): Cell {
    const cell: Cell = { target: null, parameters: null }
    this.#structs.set(model, cell)
    return cell
  }
  #end(cell: Cell, schema: Schema): Schema {
    cell.target = schema
    return schema
  }

  #combined(model: JsonModel & Combination, about: Annotations, place: Place): Schema {
    const { flattenSingletons } = this.#options
    const { members, criterion } = model
    const [only] = members
    if (members.length === 1 && only !== undefined && flattenSingletons) return this.read(only, HERE)
    if (criterion === 'allOf') return this.#all(model, place)
    const number = this.#unions++
    const other = members.find(({ kind }) => kind !== 'null')
    if (members.length === 2 && members.some(({ kind }) => kind === 'null')) {
      if (other === undefined) throw new DataException('The JSON schema is null alone, which Connect has no schema for')
      return this.read(other, { optional: true, version: place.version })
    }
    return this.#finish(this.#union(members, number), about, place)
  }

  #union(members: readonly JsonModel[], number: number): SchemaBuilder {
    const { generalized } = this.#options
    const name = generalized ? GENERAL_UNION_PREFIX + number : UNION_NAME
    const builder = SchemaBuilder.struct().name(name)
    if (generalized) builder.parameter(Param.GENERAL_UNION, name)
    let index = 0
    for (const member of members) {
      if (member.kind === 'null') builder.optional()
      else builder.field(memberField(index++, generalized), this.read(member, { optional: true, version: null }))
    }
    return builder
  }

  /** Properties make a struct, whoever has them; otherwise the schema that tells most of the type stands for all. */
  #all(model: JsonModel & Combination, place: Place): Schema {
    const properties = new Map<string, { schema: JsonModel; required: boolean }>()
    for (const member of model.members) collect(member, properties, new Set())
    if (properties.size > 0) {
      const cell = this.#begin(model)
      const builder = SchemaBuilder.struct()
      for (const [name, { schema, required }] of properties) {
        const optional = this.#options.optionalForNonRequired && !required
        builder.field(name, this.read(schema, { optional, version: null }))
      }
      return this.#end(cell, finished(place.optional ? builder.optional() : builder, cell))
    }
    const chosen = typeOfAll(model.members)
    if (chosen !== undefined) return this.read(chosen, place)
    const keywords = model.members.map(({ kind }) => kind).join(', ')
    throw new DataException(`Connect has no schema for this allOf of: ${keywords}`)
  }

  /** Adds what the schema says of itself. */
  #finish(builder: SchemaBuilder, about: Annotations, place: Place, cell?: Cell): Schema {
    const { title, doc, defaultNode } = about
    if (title !== null && builder.build().name === null) builder.name(title)
    const version = ownVersion(about) ?? place.version
    if (version !== null) builder.version(version)
    if (doc !== null) builder.doc(doc)
    const parameters = ownParameters(about)
    if (cell === undefined) builder.parameters(parameters)
    else if (parameters.length > 0) cell.parameters = new Map([...(cell.parameters ?? []), ...parameters])
    if (defaultNode !== undefined && defaultNode !== null) {
      builder.default(defaultValue(builder.build(), defaultNode, this.#options))
    }
    if (place.optional && !builder.build().optional) builder.optional()
    return finished(builder, cell)
  }
}

/** The schema, with the parameters of its cell if it has any by now. */
function finished(builder: SchemaBuilder, cell?: Cell): Schema {
  const schema = builder.build()
  return cell === undefined || cell.parameters === null
    ? schema
    : Object.freeze({ ...schema, parameters: cell.parameters })
}

/** A symbol as Java prints it. */
function plain(node: JsonNode): unknown {
  if (node instanceof JsonNumber) return node.floating ? Decimal.parse(node.text) : node.value
  if (isArray(node)) return node.map(plain)
  return isObject(node) ? new Map([...node].map(([name, one]) => [name, plain(one)])) : node
}

function connectType({ members }: Annotations): string | undefined {
  const type = members.get(Member.TYPE)
  if (type === undefined || typeof type === 'string') return type
  throw new DataException(`The ${Member.TYPE} of a JSON schema must be a string and is ${printJson(type)}`)
}

function numberOf(integer: boolean, about: Annotations): SchemaBuilder {
  const type = connectType(about)
  switch (type) {
    case undefined:
      return integer ? SchemaBuilder.int64() : SchemaBuilder.float64()
    case 'int8':
      return SchemaBuilder.int8()
    case 'int16':
      return SchemaBuilder.int16()
    case 'int32':
      return SchemaBuilder.int32()
    case 'int64':
      return SchemaBuilder.int64()
    case 'float32':
      return SchemaBuilder.float32()
    case 'float64':
      return SchemaBuilder.float64()
    case BYTES_TYPE:
      return SchemaBuilder.bytes()
    default:
      throw new DataException(`The JSON schema has a ${Member.TYPE} that there is none of for a number: ${type}`)
  }
}

function ownVersion({ members }: Annotations): number | null {
  const version = members.get(Member.VERSION)
  if (version === undefined) return null
  if (version instanceof JsonNumber && Number.isInteger(version.value)) return Number(version.value)
  throw new DataException(`The ${Member.VERSION} of a JSON schema must be an integer and is ${printJson(version)}`)
}

function ownParameters({ members }: Annotations): readonly (readonly [string, string])[] {
  const parameters = members.get(Member.PARAMETERS)
  if (parameters === undefined) return []
  if (!isObject(parameters)) {
    throw new DataException(`The ${Member.PARAMETERS} of a JSON schema must be an object: ${printJson(parameters)}`)
  }
  return [...parameters].map(([name, value]): [string, string] => {
    if (typeof value === 'string') return [name, value]
    throw new DataException(`The parameter ${name} of a JSON schema must be a string and is ${printJson(value)}`)
  })
}

/** Properties by their place, those that name none behind those that came before. No property replaces another one. */
function inOrder(properties: ObjectShape['properties']): Iterable<ObjectShape['properties'][number]> {
  const places = new Map<number, ObjectShape['properties'][number]>()
  for (const property of properties) {
    const index = property[1].about.members.get(Member.INDEX)
    let place = index instanceof JsonNumber ? Number(index.value) : places.size
    while (places.has(place)) place++
    places.set(place, property)
  }
  return [...places].sort(([a], [b]) => a - b).map(([, property]) => property)
}

/** All properties of an `allOf`, those of members of members and of what is referred to, too. */
function collect(
  model: JsonModel,
  properties: Map<string, { schema: JsonModel; required: boolean }>,
  visited: Set<JsonModel>,
): void {
  if (visited.has(model)) return
  visited.add(model)
  if (model.kind === 'combined' && model.criterion === 'allOf') {
    for (const member of model.members) collect(member, properties, visited)
  } else if (model.kind === 'object') {
    for (const [name, schema] of model.properties) {
      properties.set(name, { schema, required: model.required.has(name) })
    }
  } else if (model.kind === 'reference') collect(model.target(), properties, visited)
}

/** Of an `allOf` without properties, the member that stands for all. Of two of a kind it is the last. */
function typeOfAll(members: readonly JsonModel[]): JsonModel | undefined {
  const last = (fits: (member: JsonModel) => boolean) => members.findLast(fits)
  const combined = last(({ kind }) => kind === 'combined')
  if (combined !== undefined) return combined
  const string = last(({ kind }) => kind === 'string')
  const number = last(({ kind }) => kind === 'number')
  if (last((one) => one.kind === 'enum' && one.constant) !== undefined) return string ?? number
  const symbols = last((one) => one.kind === 'enum' && !one.constant)
  if (symbols !== undefined) return string === undefined ? number : symbols
  return string === undefined ? last(({ kind }) => kind === 'reference') : (number ?? string)
}

/** A reference to a struct, which may not be known yet. */
function later(cell: Cell, optional: boolean): Schema {
  const known = (): Schema => {
    if (cell.target === null) throw new DataException('A schema that contains itself is not complete yet')
    return cell.target
  }
  return Object.freeze({
    type: 'STRUCT' as const,
    optional,
    get defaultValue() {
      return known().defaultValue
    },
    get name() {
      return known().name
    },
    get version() {
      return known().version
    },
    get doc() {
      return known().doc
    },
    get parameters() {
      return cell.parameters
    },
    get fields() {
      return known().fields
    },
    keySchema: null,
    valueSchema: null,
  })
}
