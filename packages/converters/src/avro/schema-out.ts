// Avro schemas of Connect schemas: the reference's mapping, so that the text is the same letter by letter.
// Source: the behaviour of io.confluent.connect.avro.AvroData, version 8.
import { DataException, LogicalName, type Schema, schemaEquals } from '@millrace/api'
import {
  type AvroField,
  type AvroName,
  type AvroNamed,
  type AvroProps,
  type AvroRecord,
  type AvroSchema,
  checkedFields,
  checkedMembers,
  fitsDefault,
  isNamed,
  type JsonNode,
  JsonNumber,
  NO_PROPS,
  parsingCanonicalForm,
  primitive,
  printAvro,
  resolveName,
} from '@millrace/schemas/avro'
import type { AvroOptions } from './config.ts'
import { defaultNode, fieldDefault } from './default-out.ts'
import {
  AVRO_PREFIX,
  DEFAULT_NAME,
  DEFAULT_PRECISION,
  hasStringKeys,
  isDecimal,
  isFixedSchema,
  isUnionSchema,
  MAP_ENTRY,
  NAMESPACE,
  Param,
  Prop,
  scrubFullName,
  scrubName,
  splitName,
} from './names.ts'

/** Avro itself allows letters and digits of all scripts in names; a registry may refuse those that are not ASCII. */
const VALID_NAME = /^[\p{L}_][\p{L}\p{Nd}_]*$/u

/** The Avro schema under which values of a Connect schema are written; of null, that of values without a schema. */
export function toAvroSchema(schema: Schema | null, options: AvroOptions): AvroSchema {
  if (schema === null) return ANYTHING
  const avro = new SchemaWriter(options).write(schema, false)
  refuseAmbiguous(avro)
  return avro
}

/**
 * A name stands for one type in a schema's text: of two types of one name only the first would be told, and the bytes of the
 * other would be read wrong.
 */
function refuseAmbiguous(schema: AvroSchema): void {
  const types = new Map<string, AvroNamed>()
  const look = (at: AvroSchema): void => {
    if (at.type === 'union') at.types.forEach(look)
    else if (at.type === 'array') look(at.items)
    else if (at.type === 'map') look(at.values)
    else if (isNamed(at)) {
      const known = types.get(at.fullName)
      if (known === at) return
      if (known === undefined) types.set(at.fullName, at)
      else if (parsingCanonicalForm(known) !== parsingCanonicalForm(at)) {
        throw new DataException(
          `The schema has two different types of the name ${at.fullName}, and Avro has one for each name: name them differently`,
        )
      }
      if (at.type === 'record' && known === undefined) for (const field of at.fields) look(field.schema)
    }
  }
  look(schema)
}

class SchemaWriter {
  readonly #options: AvroOptions
  /** Schemas that were written out, required ones: equal ones are the same type. */
  readonly #written: { readonly schema: Schema; readonly avro: AvroSchema }[] = []
  /** Records by Connect name, from when they are begun: those that contain themselves find themselves here. */
  readonly #begun = new Map<string, AvroRecord>()
  /** Entries of maps whose keys are no strings, by what is in them. */
  readonly #entries = new Map<string, AvroRecord>()
  readonly #seen = new Set<string>()
  #unnamed = 0

  constructor(options: AvroOptions) {
    this.#options = options
  }

  write(schema: Schema | null, ignoreOptional: boolean): AvroSchema {
    if (schema === null) return ANYTHING
    if (!isUnionSchema(schema) && !schema.optional) {
      const known = this.#written.find((one) => schemaEquals(one.schema, schema))
      if (known !== undefined) return known.avro
    }
    const made = this.#make(schema, ignoreOptional)
    if (!schema.optional) this.#written.push({ schema, avro: made })
    return made
  }

  #make(schema: Schema, ignoreOptional: boolean): AvroSchema {
    if (schema.type === 'STRUCT') {
      if (isUnionSchema(schema)) return this.#union(schema)
      if (schema.optional) return union(NULL, this.#cyclic(required(schema), false))
      return this.#record(schema)
    }
    const base = this.#base(schema)
    return ignoreOptional ? base : maybeOptional(schema, base)
  }
  /** As {@link write}, but a record that is being written is referred to. */
  #cyclic(schema: Schema | null, ignoreOptional: boolean): AvroSchema {
    const begun = schema === null || schema.name === null ? undefined : this.#begun.get(schema.name)
    if (begun === undefined || schema === null) return this.write(schema, ignoreOptional)
    return ignoreOptional ? begun : maybeOptional(schema, begun)
  }

  #base(schema: Schema): AvroSchema {
    switch (schema.type) {
      case 'INT8':
        return this.#primitive('int', schema, 'int8')
      case 'INT16':
        return this.#primitive('int', schema, 'int16')
      case 'INT32':
        return this.#primitive('int', schema)
      case 'INT64':
        return this.#primitive('long', schema)
      case 'FLOAT32':
        return this.#primitive('float', schema)
      case 'FLOAT64':
        return this.#primitive('double', schema)
      case 'BOOLEAN':
        return this.#primitive('boolean', schema)
      case 'STRING':
        return this.#string(schema)
      case 'BYTES':
        return this.#bytes(schema)
      case 'ARRAY':
        return { type: 'array', items: this.#cyclic(schema.valueSchema, false), props: this.#props(schema) }
      case 'MAP':
        return this.#map(schema)
      default:
        throw new DataException(`Unknown schema type: ${schema.type}`)
    }
  }

  #primitive(
    type: 'int' | 'long' | 'float' | 'double' | 'boolean' | 'string' | 'bytes',
    schema: Schema,
    connectType?: string,
  ): AvroSchema {
    const props = this.#props(schema, connectType)
    return props.size === 0 ? primitive(type) : { type, props }
  }

  #string(schema: Schema): AvroSchema {
    const { generalized, enhanced, discardTypeDocDefault } = this.#options
    const { parameters } = schema
    if (!(generalized || enhanced) || !(parameters?.has(Param.GENERAL_ENUM) || parameters?.has(Param.ENUM))) {
      return this.#primitive('string', schema)
    }
    const param = generalized ? Param.GENERAL_ENUM : Param.ENUM
    const symbols = [...parameters.keys()]
      .filter((key) => key.startsWith(`${param}.`))
      .map((key) => key.slice(param.length + 1))
    const { name } = this.#nameOf(schema.name)
    const enumName = parameters.get(param)
    if (enumName === undefined) throw new DataException(`The enum schema has no parameter ${param} with its name`)
    const named = checkedName(enumName, null)
    for (const symbol of symbols) checkPart(symbol)
    return {
      type: 'enum',
      ...named,
      doc: parameters.get(discardTypeDocDefault ? Param.CONNECT_ENUM_DOC : Param.ENUM_DOC + name) ?? null,
      aliases: [],
      symbols,
      defaultSymbol: discardTypeDocDefault ? null : (parameters.get(Param.ENUM_DEFAULT + name) ?? null),
      props: this.#props(schema),
    }
  }

  #bytes(schema: Schema): AvroSchema {
    if (!isFixedSchema(schema)) return this.#primitive('bytes', schema)
    const { namespace, name } = this.#nameOf(schema.name)
    const size = Number(schema.parameters?.get(Param.FIXED_SIZE))
    return { type: 'fixed', ...checkedName(name, namespace), doc: null, aliases: [], size, props: this.#props(schema) }
  }

  #map(schema: Schema): AvroSchema {
    if (hasStringKeys(schema, this.#options)) {
      return { type: 'map', values: this.#cyclic(schema.valueSchema, false), props: this.#props(schema) }
    }
    const fields = [this.#field('key', schema.keySchema, null), this.#field('value', schema.valueSchema, null)]
    const items = schema.name === null ? this.#entry(fields) : this.#namedEntry(schema.name, fields)
    return { type: 'array', items, props: this.#props(schema) }
  }
  #namedEntry(mapName: string, fields: readonly AvroField[]): AvroRecord {
    const { namespace, name } = this.#nameOf(mapName)
    return record(checkedName(name, namespace), fields, new Map([[Prop.INTERNAL_TYPE, MAP_ENTRY]]))
  }
  /** Two maps of different types need entries of different names; the reference gives them one, and cannot read what it wrote. */
  #entry(fields: readonly AvroField[]): AvroRecord {
    const first = record(resolveName(MAP_ENTRY, NAMESPACE), fields)
    const text = printAvro({ type: 'array', items: first, props: NO_PROPS })
    const same = this.#entries.get(text)
    if (same !== undefined) return same
    const count = this.#entries.size + 1
    const made =
      count === 1
        ? first
        : record(resolveName(`${MAP_ENTRY}${count}`, NAMESPACE), fields, new Map([[Prop.INTERNAL_TYPE, MAP_ENTRY]]))
    this.#entries.set(text, made)
    return made
  }

  #union(schema: Schema): AvroSchema {
    const members = schema.fields.map((field) => this.#cyclic(required(field.schema), true))
    return { type: 'union', types: checkedMembers(schema.optional ? [NULL, ...members] : members), props: NO_PROPS }
  }

  #record(schema: Schema): AvroRecord {
    const { discardTypeDocDefault, scrub } = this.#options
    const { namespace, name } = this.#nameOf(schema.name)
    const { parameters } = schema
    const made: AvroRecord = {
      ...record(checkedName(name, namespace), [], this.#props(schema)),
      doc: parameters?.get(discardTypeDocDefault ? Param.CONNECT_RECORD_DOC : Param.RECORD_DOC) ?? null,
    }
    if (schema.name !== null) this.#begun.set(schema.name, made)
    const fields = schema.fields.map((field) => {
      const doc = discardTypeDocDefault ? null : (parameters?.get(Param.FIELD_DOC + field.name) ?? null)
      return this.#field(scrubName(field.name, scrub), field.schema, doc)
    })
    made.fields = checkedFields(fields, made.fullName)
    return made
  }

  #field(name: string, schema: Schema | null, ownDoc: string | null): AvroField {
    checkPart(name)
    const options = this.#options
    const scrubbed = schema === null ? null : scrubFullName(schema.name, options.scrub)
    const seen = scrubbed !== null && this.#seen.has(scrubbed)
    if (scrubbed !== null) this.#seen.add(scrubbed)
    const avro = this.write(schema, false)
    const node = schema === null ? undefined : fieldDefault(schema, options)
    return {
      name,
      schema: avro,
      doc: options.discardTypeDocDefault ? (schema?.doc ?? null) : ownDoc,
      // A default that Avro does not take is left out, as the reference leaves it out.
      defaultValue: node !== undefined && fitsDefault(avro, node) ? node : undefined,
      order: 'ascending',
      aliases: [],
      props: seen && schema !== null ? this.#fieldProps(schema, avro) : NO_PROPS,
    }
  }
  /** A type that was written out before is a name only: what the parameters of this place say goes to the field. */
  #fieldProps(schema: Schema, avro: AvroSchema): AvroProps {
    const isReference = isNamed(avro) || (avro.type === 'union' && avro.types.some(isNamed))
    if (!this.#options.metaData || !isReference) return NO_PROPS
    const parameters = this.#parameters(schema)
    return parameters === null ? NO_PROPS : new Map([[Prop.PARAMETERS, parameters]])
  }

  #props(schema: Schema, connectType?: string): AvroProps {
    const props = new Map<string, JsonNode>()
    const precision = isDecimal(schema) ? addDecimal(schema, props) : null
    const { metaData, discardTypeDocDefault } = this.#options
    if (metaData) {
      if (schema.doc !== null) props.set(Prop.DOC, schema.doc)
      if (schema.version !== null) props.set(Prop.VERSION, JsonNumber.integer(schema.version))
      const parameters = this.#parameters(schema)
      if (parameters !== null) props.set(Prop.PARAMETERS, parameters)
      if (
        schema.defaultValue !== undefined &&
        (discardTypeDocDefault || schema.parameters?.has(Param.FIELD_DEFAULT) !== true)
      ) {
        props.set(Prop.DEFAULT, defaultNode(schema, schema.defaultValue, this.#options))
      }
      if (schema.name !== null) props.set(Prop.NAME, schema.name)
      if (connectType !== undefined) props.set(Prop.TYPE, connectType)
    }
    addLogicalType(schema, precision, props)
    for (const [key, value] of schema.parameters ?? []) if (key.startsWith(AVRO_PREFIX)) props.set(key, value)
    return props.size === 0 ? NO_PROPS : props
  }
  #parameters(schema: Schema): ReadonlyMap<string, string> | null {
    const all = [...(schema.parameters ?? [])]
    const kept = this.#options.discardTypeDocDefault ? all : all.filter(([key]) => key !== Param.FIELD_DEFAULT)
    return kept.length === 0 ? null : new Map(kept)
  }

  #nameOf(name: string | null): { readonly namespace: string | null; readonly name: string } {
    if (name !== null) {
      const split = splitName(name, this.#options.scrub)
      return { namespace: split.namespace, name: split.name ?? '' }
    }
    this.#unnamed++
    return { namespace: NAMESPACE, name: DEFAULT_NAME + (this.#unnamed > 1 ? this.#unnamed : '') }
  }
}

const NULL = primitive('null')

function union(...types: readonly AvroSchema[]): AvroSchema {
  return { type: 'union', types: checkedMembers(types), props: NO_PROPS }
}

/** With a default the type comes first: Avro's defaults are of the first member. */
function maybeOptional(schema: Schema, base: AvroSchema): AvroSchema {
  if (!schema.optional) return base
  return schema.defaultValue === undefined ? union(NULL, base) : union(base, NULL)
}

function required(schema: Schema): Schema {
  return schema.optional ? Object.freeze({ ...schema, optional: false }) : schema
}

/** Adds scale and precision and gives the precision. */
function addDecimal(schema: Schema, props: Map<string, JsonNode>): number {
  const scale = integerParameter(schema, Param.SCALE)
  const precision = schema.parameters?.has(Param.DECIMAL_PRECISION)
    ? integerParameter(schema, Param.DECIMAL_PRECISION)
    : DEFAULT_PRECISION
  props.set(Prop.SCALE, JsonNumber.integer(scale))
  props.set(Prop.PRECISION, JsonNumber.integer(precision))
  return precision
}

function integerParameter(schema: Schema, name: string): number {
  const text = schema.parameters?.get(name)
  const value = Number(text)
  if (text === undefined || !Number.isInteger(value)) {
    throw new DataException(
      `Invalid ${schema.name} schema: its parameter ${name} is ${text ?? 'missing'}, expected an integer`,
    )
  }
  return value
}

function addLogicalType(schema: Schema, precision: number | null, props: Map<string, JsonNode>): void {
  switch (schema.name) {
    case LogicalName.DECIMAL:
      // A scale that Avro's decimals do not have is kept as a property all the same.
      if (precision === null || precision <= 0) throw new DataException(`Invalid decimal precision: ${precision}`)
      props.set(Prop.LOGICAL_TYPE, 'decimal')
      break
    case LogicalName.TIME:
      props.set(Prop.LOGICAL_TYPE, 'time-millis')
      break
    case LogicalName.TIMESTAMP:
      props.set(Prop.LOGICAL_TYPE, 'timestamp-millis')
      break
    case LogicalName.DATE:
      props.set(Prop.LOGICAL_TYPE, 'date')
      break
  }
}

function checkedName(name: string, namespace: string | null) {
  const resolved = resolveName(name, namespace)
  checkPart(resolved.name)
  return resolved
}

function checkPart(name: string): void {
  if (VALID_NAME.test(name)) return
  throw new DataException(
    name === ''
      ? 'Avro has no empty names: give the schema or field a name'
      : `"${name}" is no name in Avro: names are letters, digits and _; set scrub.invalid.names=true to have it changed`,
  )
}

const nullable = (name: string, schema: AvroSchema): AvroField => ({
  name,
  schema: { type: 'union', types: [NULL, schema], props: NO_PROPS },
  doc: null,
  defaultValue: null,
  order: 'ascending',
  aliases: [],
  props: NO_PROPS,
})
const plain = (name: string, schema: AvroSchema): AvroField => ({
  ...nullable(name, schema),
  schema,
  defaultValue: undefined,
})
function record(name: AvroName, fields: readonly AvroField[] = [], props: AvroProps = NO_PROPS): AvroRecord {
  return { type: 'record', ...name, isError: false, doc: null, aliases: [], fields, props }
}

/** The schema of values without a schema: a record of one field for each type, all but one of them null. */
export const ANYTHING: AvroRecord = record(resolveName('Anything', NAMESPACE))
const ANYTHING_ENTRY = record(resolveName(MAP_ENTRY, NAMESPACE))
ANYTHING_ENTRY.fields = [plain('key', ANYTHING), plain('value', ANYTHING)]
ANYTHING.fields = [
  ...(['boolean', 'bytes', 'double', 'float', 'int', 'long', 'string'] as const).map((type) =>
    nullable(type, primitive(type)),
  ),
  nullable('array', { type: 'array', items: ANYTHING, props: NO_PROPS }),
  nullable('map', { type: 'array', items: ANYTHING_ENTRY, props: NO_PROPS }),
]
