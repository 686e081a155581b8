// SchemaChangeEventFilter: drops events about the structure of tables, by their kind.
import {
  ConfigException,
  type ConnectRecord,
  defineConfig,
  type RawConfig,
  type Schema,
  type Transformation,
} from '@millrace/api'
import { type Members, requireStruct } from '../apache/common/requirements.ts'
import { typed } from './envelope.ts'

const KINDS = ['CREATE', 'ALTER', 'DROP', 'TRUNCATE', 'DATABASE']
const CONFIG = defineConfig({
  'schema.change.event.exclude.list': {
    type: 'list',
    importance: 'high',
    doc: `Kinds of events to drop: ${KINDS.join(', ')}. An event about no table is of kind DATABASE.`,
  },
})

/** Drops schema changes of some kinds; other records pass. */
export class SchemaChangeEventFilter implements Transformation {
  readonly config = CONFIG
  #excluded: ReadonlySet<string> = new Set()

  configure(configs: RawConfig): void {
    const kinds = CONFIG.parse(configs)['schema.change.event.exclude.list']
    const wrong = kinds.find((kind) => !KINDS.includes(kind))
    if (wrong !== undefined) {
      throw ConfigException.invalidValue(
        'schema.change.event.exclude.list',
        wrong,
        `must be one of ${KINDS.join(', ')}`,
      )
    }
    this.#excluded = new Set(kinds)
  }

  apply(record: ConnectRecord): ConnectRecord | null {
    if (record.value === null || !isSchemaChange(record.valueSchema)) return record
    const schema = record.valueSchema as Schema
    const event = requireStruct(schema, record.value, 'Read schema change event to filter')
    const changes = typed(schema, event, 'tableChanges', 'ARRAY') as readonly Members[] | null
    if (changes === null) return null
    return this.#excluded.has(changes.length === 0 ? 'DATABASE' : String(changes[0]?.type)) ? null : record
  }
}

function isSchemaChange(schema: Schema | null): boolean {
  const name = schema?.name ?? ''
  return name.endsWith('.SchemaChangeValue') || name.endsWith('.SchemaChangeKey')
}
