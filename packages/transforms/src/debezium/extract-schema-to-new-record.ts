// ExtractSchemaToNewRecord: the columns of the table, as the source describes them, beside the row of a change event.
import {
  ConnectException,
  type ConnectRecord,
  defineConfig,
  type RawConfig,
  type Schema,
  SchemaBuilder,
  Schemas,
  type Transformation,
} from '@millrace/api'
import type { Members } from '../apache/common/requirements.ts'
import { BySchema, copyBasics } from '../apache/common/schemas.ts'
import { existing, isEnvelope, memberOf } from './envelope.ts'
import { DebeziumException } from './errors.ts'

const COLUMN = SchemaBuilder.struct()
  .name('io.debezium.connector.source.schema.Column')
  .version(1)
  .field('name', Schemas.STRING)
  .field('typeName', Schemas.STRING)
  .field('length', Schemas.OPTIONAL_INT32)
  .field('scale', Schemas.OPTIONAL_INT32)
  .field('comment', Schemas.OPTIONAL_STRING)
  .build()
const TABLE = SchemaBuilder.struct()
  .name('io.debezium.connector.source.schema.Table')
  .version(1)
  .field('columns', SchemaBuilder.array(COLUMN).build())
  .build()
const SOURCE_SCHEMA = SchemaBuilder.struct()
  .name('io.debezium.connector.source.Schema')
  .version(1)
  .field('id', Schemas.STRING)
  .field('table', TABLE)
  .build()

interface Described {
  readonly schema: Schema
  readonly columns: readonly Members[]
}

/** Adds `sourceSchema`. The source must put its types into schemas: `column.propagate.source.type` or `datatype.propagate.source.type`. */
export class ExtractSchemaToNewRecord implements Transformation {
  readonly config = defineConfig({})
  readonly #bySchema = new BySchema<Described>(describe)

  configure(_configs: RawConfig): void {}

  apply(record: ConnectRecord): ConnectRecord {
    const schema = record.valueSchema
    if (record.value === null || schema === null || !isEnvelope(record)) return record
    const event = record.value as Members
    for (const name of ['after', 'before']) existing(schema, name)
    if ((event.after ?? null) === null && (event.before ?? null) === null) return record
    const source = existing(schema, 'source').schema
    const table = memberOf(source, event.source as Members, 'table')
    const described = this.#bySchema.get(schema)
    const sourceSchema = { id: table, table: { columns: described.columns } }
    return record.withValue(described.schema, { ...event, sourceSchema })
  }
}

/** @throws DebeziumException where a column does not tell its type */
function describe(schema: Schema): Described {
  const builder = copyBasics(schema)
  if (schema.optional) builder.optional()
  for (const field of schema.fields) builder.field(field.name, field.schema)
  builder.field('sourceSchema', SOURCE_SCHEMA)
  const columns = existing(schema, 'after').schema.fields.map((field) => {
    const told = (name: string) => field.schema.parameters?.get(`__debezium.source.column.${name}`) ?? null
    const [name, typeName, length, scale] = [told('name'), told('type'), told('length'), told('scale')]
    if (name === null || typeName === null) {
      throw new DebeziumException(
        `Ensure that enable configurations "column.propagate.source.type" or "datatype.propagate.source.type" and the value is set to ".*": the field ${field.name} does not tell its column and type`,
      )
    }
    return { name, typeName, length: number(length), scale: number(scale), comment: told('comment') }
  })
  return { schema: builder.build(), columns }
}

function number(text: string | null): number | null {
  if (text === null) return null
  if (!/^[+-]?\d{1,10}$/.test(text)) throw new NumberFormatException(`For input string: "${text}"`)
  return Number(text)
}

/** A text that is no number. */
class NumberFormatException extends ConnectException {
  static override readonly className: string = 'java.lang.NumberFormatException'
}
