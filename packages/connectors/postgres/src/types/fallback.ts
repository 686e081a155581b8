// What stands in a required column of which the server sends nothing: in the old row of a table whose identity is its key.
import { Decimal, decimalScale, LogicalName, type Schema } from '@millrace/api'

const BY_NAME: Readonly<Record<string, unknown>> = {
  'io.debezium.time.ZonedTimestamp': '1970-01-01T00:00:00Z',
  'io.debezium.time.ZonedTime': '00:00:00Z',
  'io.debezium.time.Interval': 'P0Y0M0DT0H0M0S',
  'io.debezium.data.VariableScaleDecimal': { scale: 0, value: Buffer.from([0]) },
  [LogicalName.DATE]: new Date(0),
  [LogicalName.TIME]: new Date(0),
  [LogicalName.TIMESTAMP]: new Date(0),
}

/** The schema's default, null when it is optional, else a value of the type that stands for nothing. */
export function absentValue(schema: Schema): unknown {
  if (schema.optional) return null
  if (schema.defaultValue !== undefined) return schema.defaultValue
  if (schema.name === LogicalName.DECIMAL) return new Decimal(0n, decimalScale(schema))
  const named = schema.name === null ? undefined : BY_NAME[schema.name]
  if (named !== undefined) return named
  switch (schema.type) {
    case 'BOOLEAN':
      return false
    case 'STRING':
      return ''
    case 'BYTES':
      return Buffer.alloc(0)
    case 'ARRAY':
      return []
    case 'MAP':
      return new Map()
    case 'STRUCT':
      return Object.fromEntries(schema.fields.map((field) => [field.name, absentValue(field.schema)]))
    default:
      return 0
  }
}
