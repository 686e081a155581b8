// Projects a value from the schema it was written with to the one a reader wants, as the reference's SchemaProjector.
import { DataException, SchemaProjectorException } from '../errors.ts'
import { javaClassOf, valueToString } from './java-text.ts'
import { fieldOf, type Schema, type SchemaType, schemaToString, type Value } from './schema.ts'

const WIDTHS: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64']

/**
 * `value` of `source` as a value of `target`: equal types, or numbers to wider ones; structs by field name, with defaults
 * for fields that the source lacks.
 * @throws SchemaProjectorException for schemas that do not fit, naming the field
 */
export function projectSchema(source: Schema, value: Value, target: Schema): Value {
  check(source, target)
  if (source.optional && !target.optional) {
    if (target.defaultValue === undefined || target.defaultValue === null) {
      throw new SchemaProjectorException(
        'Writer schema is optional, however, target schema does not provide a default value.',
      )
    }
    return value === null || value === undefined ? target.defaultValue : projectPresent(source, value, target)
  }
  return value === null || value === undefined ? null : projectPresent(source, value, target)
}

function check(source: Schema, target: Schema): void {
  if (source.type !== target.type && !isPromotable(source.type, target.type)) {
    throw new SchemaProjectorException(
      `Schema type mismatch. source type: ${source.type} and target type: ${target.type}`,
    )
  }
  if (source.name !== target.name) {
    throw new SchemaProjectorException(
      `Schema name mismatch. source name: ${source.name} and target name: ${target.name}`,
    )
  }
  const [from, to] = [parametersText(source), parametersText(target)]
  if (!sameParameters(source.parameters, target.parameters)) {
    throw new SchemaProjectorException(
      `Schema parameters not equal. source parameters: ${from} and target parameters: ${to}`,
    )
  }
}

function isPromotable(source: SchemaType, target: SchemaType): boolean {
  const from = WIDTHS.indexOf(source)
  return from >= 0 && WIDTHS.indexOf(target) >= from
}

function sameParameters(a: ReadonlyMap<string, string> | null, b: ReadonlyMap<string, string> | null): boolean {
  if (a === null || b === null) return a === b
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value)
}

function parametersText(schema: Schema): string {
  return valueToString(schema.parameters)
}

function projectPresent(source: Schema, value: Value, target: Schema): Value {
  switch (target.type) {
    case 'STRUCT':
      return projectStruct(source, asType(value, isObject, target) as Record<string, unknown>, target)
    case 'ARRAY':
      return (asType(value, Array.isArray, target) as unknown[]).map((item) =>
        projectSchema(inner(source.valueSchema, source), item, inner(target.valueSchema, target)),
      )
    case 'MAP': {
      const map = asType(value, (one) => one instanceof Map, target) as Map<unknown, unknown>
      return new Map(
        Array.from(map, ([key, item]) => [
          projectSchema(inner(source.keySchema, source), key, inner(target.keySchema, target)),
          projectSchema(inner(source.valueSchema, source), item, inner(target.valueSchema, target)),
        ]),
      )
    }
    case 'FLOAT32':
      return typeof value === 'number' || typeof value === 'bigint' ? Math.fround(Number(value)) : value
    case 'FLOAT64':
      return typeof value === 'bigint' ? Number(value) : value
    default:
      return value
  }
}

function projectStruct(source: Schema, value: Readonly<Record<string, unknown>>, target: Schema): Value {
  const projected: Record<string, unknown> = {}
  for (const field of target.fields) {
    const from = fieldOf(source, field.name)
    if (from !== undefined) {
      const item = value[field.name] ?? from.schema.defaultValue ?? null
      projected[field.name] = projectField(field.name, from.schema, item, field.schema)
    } else if (field.schema.optional) {
      projected[field.name] = null
    } else if (field.schema.defaultValue !== undefined && field.schema.defaultValue !== null) {
      projected[field.name] = field.schema.defaultValue
    } else {
      throw new SchemaProjectorException(
        `Required field \`${field.name}\` is missing from source schema: ${schemaToString(source)}`,
      )
    }
  }
  return projected
}

function projectField(name: string, source: Schema, value: Value, target: Schema): Value {
  try {
    return projectSchema(source, value, target)
  } catch (cause) {
    if (!(cause instanceof SchemaProjectorException)) throw cause
    throw new SchemaProjectorException(`Error projecting ${name}: ${cause.message}`, { cause })
  }
}

function inner(schema: Schema | null, of: Schema): Schema {
  if (schema === null) throw new SchemaProjectorException(`No inner schema defined for ${schemaToString(of)}`)
  return schema
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map)
}

function asType(value: Value, fits: (value: unknown) => boolean, schema: Schema): Value {
  if (fits(value)) return value
  throw new DataException(`Invalid type for ${schema.type}: class ${javaClassOf(value)}`)
}
