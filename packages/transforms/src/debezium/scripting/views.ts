// Connect data as an expression sees it: members by name, as Graal.js gives them, or by Java's getters; nothing can be changed.
import { DataException, fieldOf, type Schema, SchemaType, schemaToString, type Value } from '@millrace/api'

type Method = (key: unknown) => unknown

/** The value to put in an expression. Structs, maps and arrays become views, made when they are looked at. */
export function viewOf(schema: Schema | null, value: Value): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (schema !== null && schema.type === SchemaType.STRUCT) return new Proxy(value, structHandler(schema))
  if (value instanceof Map) return new Proxy(value, mapHandler(schema?.valueSchema ?? null))
  if (Array.isArray(value)) return new Proxy(value, arrayHandler(schema?.valueSchema ?? null))
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? new Proxy(value, OBJECT) : value
}

function refuse(): never {
  throw new DataException('Record attributes must not be modified from within this transformation')
}

const READ_ONLY = { set: refuse, defineProperty: refuse, deleteProperty: refuse, setPrototypeOf: refuse } as const

type View<T extends object> = ProxyHandler<T>
const structs = new WeakMap<Schema, View<object>>()
const maps = new WeakMap<Schema, View<Map<unknown, unknown>>>()
const arrays = new WeakMap<Schema, View<unknown[]>>()

/** Java's typed getters all give what `get` gives: there is one kind of number here. */
const TYPED_GET = /^get(?:WithoutDefault|Int8|Int16|Int32|Int64|Float32|Float64|Boolean|String|Bytes|Struct|Array|Map)$/

function structHandler(schema: Schema): View<object> {
  const known = structs.get(schema)
  if (known !== undefined) return known
  const member = (target: object, name: string) => {
    const field = fieldOf(schema, name)
    if (field === undefined) throw new DataException(`${name} is not a valid field name`)
    const value = (target as Record<string, unknown>)[name]
    return memberView(target, field.schema, value ?? field.schema.defaultValue ?? null)
  }
  const handler: View<object> = {
    ...READ_ONLY,
    has: (_target, name) => typeof name === 'string' && fieldOf(schema, name) !== undefined,
    get: (target, name) => {
      if (typeof name !== 'string') return Reflect.get(target, name)
      if (fieldOf(schema, name) !== undefined) return member(target, name)
      if (name === 'get' || TYPED_GET.test(name)) return (field: unknown) => member(target, String(field))
      if (name === 'schema') return () => schemaView(schema)
      return Reflect.get(target, name)
    },
  }
  structs.set(schema, handler)
  return handler
}

const OBJECT: View<object> = {
  ...READ_ONLY,
  get: (target, name) => {
    const value = Reflect.get(target, name)
    if (value === undefined && name === 'get') return (key: string) => viewOf(null, Reflect.get(target, key) ?? null)
    return typeof value === 'object' ? memberView(target, null, value) : value
  },
}

/** Of a frozen object a proxy may give nothing but what is in it. */
function memberView(target: object, schema: Schema | null, value: unknown): unknown {
  return Object.isFrozen(target) ? value : viewOf(schema, value)
}

/** Members by name, as of a struct, beside the methods of Java's maps. */
function mapHandler(valueSchema: Schema | null): View<Map<unknown, unknown>> {
  const known = valueSchema === null ? undefined : maps.get(valueSchema)
  if (known !== undefined) return known
  const methods: Readonly<Record<string, (map: ReadonlyMap<unknown, unknown>) => Method>> = {
    get: (map) => (key) => viewOf(valueSchema, map.get(key) ?? null),
    containsKey: (map) => (key) => map.has(key),
    has: (map) => (key) => map.has(key),
    isEmpty: (map) => () => map.size === 0,
    keys: (map) => () => map.keys(),
    toString: (map: ReadonlyMap<unknown, unknown>) => () => String(map),
  }
  const handler: View<Map<unknown, unknown>> = {
    ...READ_ONLY,
    has: (map, name) => map.has(name),
    get: (map, name) => {
      if (map.has(name)) return viewOf(valueSchema, map.get(name))
      if (name === 'size') return map.size
      return typeof name === 'string' && Object.hasOwn(methods, name) ? methods[name]?.(map) : undefined
    },
  }
  if (valueSchema !== null) maps.set(valueSchema, handler)
  return handler
}

/** Arrays as they are in JavaScript, with `get` and `size` of Java's lists. */
function arrayHandler(valueSchema: Schema | null): View<unknown[]> {
  const known = valueSchema === null ? undefined : arrays.get(valueSchema)
  if (known !== undefined) return known
  const handler: View<unknown[]> = {
    ...READ_ONLY,
    get: (array, name, receiver) => {
      if (name === 'get') return (index: number) => viewOf(valueSchema, array[index])
      if (name === 'size') return () => array.length
      const value: unknown = Reflect.get(array, name, receiver)
      return typeof value === 'object' ? memberView(array, valueSchema, value) : value
    },
  }
  if (valueSchema !== null) arrays.set(valueSchema, handler)
  return handler
}

/** A schema with the methods of Java's. */
export interface SchemaView {
  name(): string | null
  type(): string
  version(): number | null
  doc(): string | null
  isOptional(): boolean
  parameters(): ReadonlyMap<string, string> | null
  fields(): readonly FieldView[]
  field(name: string): FieldView | null
  keySchema(): SchemaView | null
  valueSchema(): SchemaView | null
}
interface FieldView {
  name(): string
  index(): number
  schema(): SchemaView
}

const schemas = new WeakMap<Schema, SchemaView>()

/** The schema for an expression; null for null. */
export function schemaView(schema: Schema): SchemaView
export function schemaView(schema: Schema | null): SchemaView | null
export function schemaView(schema: Schema | null): SchemaView | null {
  if (schema === null) return null
  const known = schemas.get(schema)
  if (known !== undefined) return known
  const fieldView = ({ name, index, schema: of }: Schema['fields'][number]): FieldView => ({
    name: () => name,
    index: () => index,
    schema: () => schemaView(of),
  })
  const made: SchemaView = Object.freeze({
    name: () => schema.name,
    type: () => schema.type,
    version: () => schema.version,
    doc: () => schema.doc,
    isOptional: () => schema.optional,
    parameters: () => schema.parameters,
    fields: () => viewOf(null, schema.fields.map(fieldView)) as readonly FieldView[],
    field: (name: string) => {
      const field = fieldOf(schema, name)
      return field === undefined ? null : fieldView(field)
    },
    keySchema: () => schemaView(schema.keySchema),
    valueSchema: () => schemaView(schema.valueSchema),
    toString: () => schemaToString(schema),
  })
  schemas.set(schema, made)
  return made
}
