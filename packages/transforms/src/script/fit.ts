// Whether what a script returned is what its schema says: quickly for what is right, in words for what is not.
import { DataException, LogicalName, type Schema, type SchemaType, type Value, validateValue } from '@millrace/api'

type Test = (value: unknown) => boolean
type Side = 'key' | 'value'

/**
 * @throws DataException for a value that `schema` does not allow, and for a member that is no field: a converter writes the
 * fields of the schema, and would leave out the rest without a word
 */
export function requireFit(schema: Schema | null, value: Value, side: Side): void {
  if (schema === null || quickTest(schema)(value)) return
  try {
    validateValue(schema, value, side)
  } catch (error) {
    if (error instanceof DataException) {
      error.message = `the script returned a ${side} that its schema does not allow: ${error.message}`
    }
    throw error
  }
  if (schema.type === 'STRUCT' && value !== null) requireKnownFields(schema, value as object, side)
}

function requireKnownFields({ fields }: Schema, value: object, side: Side): void {
  const unknown = Object.keys(value).find((name) => !fields.some((field) => field.name === name))
  if (unknown === undefined) return
  throw new DataException(
    `the script returned a ${side} with '${unknown}', which is no field of its schema: return a ${side}Schema that has it, too (context.extend makes one), or leave it out`,
  )
}

const tests = new WeakMap<Schema, Test>()

/** True only for what surely fits; false means to look closely. */
function quickTest(schema: Schema): Test {
  let test = tests.get(schema)
  if (test === undefined) {
    test = schema.type === 'STRUCT' ? structTest(schema) : valueTest(schema)
    tests.set(schema, test)
  }
  return test
}

const SIMPLE: Readonly<Partial<Record<SchemaType, Test>>> = {
  INT32: (value) => typeof value === 'number' && (value | 0) === value,
  INT64: (value) => Number.isSafeInteger(value),
  FLOAT32: (value) => typeof value === 'number',
  FLOAT64: (value) => typeof value === 'number',
  BOOLEAN: (value) => typeof value === 'boolean',
  STRING: (value) => typeof value === 'string',
}
const LOGICAL: ReadonlySet<string> = new Set(Object.values(LogicalName))

function valueTest(schema: Schema): Test {
  if (schema.type === 'STRUCT') return structTest(schema)
  const simple = schema.name !== null && LOGICAL.has(schema.name) ? undefined : SIMPLE[schema.type]
  if (simple === undefined) return schema.optional ? (value) => value === null : () => false
  return schema.optional ? (value) => value === null || simple(value) : simple
}

/** Members in the order of the fields, all of them, none beside. */
function structTest(schema: Schema): Test {
  const names = schema.fields.map((field) => field.name)
  const values = schema.fields.map((field) => valueTest(field.schema))
  const { length } = names
  // Of a struct without fields the members say nothing.
  if (length === 0) return () => false
  return (value) => {
    if (value === null) return schema.optional
    if (typeof value !== 'object') return false
    let at = 0
    for (const name in value) {
      if (at >= length || names[at] !== name) return false
      if (!(values[at] as Test)((value as Record<string, unknown>)[name])) return false
      at++
    }
    return at === length
  }
}
