// Whether a record has what the configuration needs: a key, a value, or either.
import { isPrimitive, type SinkRecord } from '@millrace/api'
import { RecordError } from '../write/deliver.ts'
import type { SinkConfig } from './config.ts'

/** A check of records. @throws RecordError in the reference's words */
export type RecordCheck = (record: SinkRecord) => void

/** The check that a configuration asks for. */
export function recordCheck(connector: string, config: SinkConfig): RecordCheck {
  const mode = config['pk.mode'].toLowerCase()
  const deletes = config['delete.enabled']
  const needsKey = mode === 'record_key' || deletes
  const needsValue = !deletes || mode === 'record_value' || mode === 'none'
  const settings = `'delete.enabled=${deletes}' and 'pk.mode=${mode}'`
  const perField = ['fields.whitelist', 'timestamp.fields.list'].filter(
    (key) => (config as never as Record<string, readonly string[]>)[key]?.length,
  )
  const complain = (record: SinkRecord, needs: string, part: 'key' | 'value', remedy: string) => {
    const schema = part === 'key' ? record.keySchema : record.valueSchema
    const value = part === 'key' ? record.key : record.value
    throw new RecordError(
      `Sink connector '${connector}' is configured with ${settings} and therefore requires records with ${needs}, but found record at ` +
        `(topic='${record.topic}',partition=${record.kafkaPartition},offset=${record.kafkaOffset},timestamp=${record.timestamp}) ` +
        `with a ${value === null || value === undefined ? 'null' : typeof value} ${part} and ${schema?.type ?? 'null'} ${part} schema.${remedy}`,
    )
  }
  return (record) => {
    if (needsKey) {
      const { key, keySchema } = record
      const fits =
        key !== null &&
        key !== undefined &&
        keySchema !== null &&
        (keySchema.type === 'STRUCT' || isPrimitive(keySchema.type))
      if (!fits) complain(record, 'a non-null key and non-null Struct or primitive key schema', 'key', '')
    }
    if (needsValue) {
      const { value, valueSchema } = record
      const type = valueSchema?.type
      if (value === null || value === undefined || (type !== 'STRUCT' && type !== 'STRING')) {
        const schemaless = type === undefined && value !== null && value !== undefined
        complain(
          record,
          'a non-null Struct or String value and non-null Struct or String schema',
          'value',
          schemaless
            ? ' Use a converter that gives schemas: Avro, Protobuf, JSON Schema, or JsonConverter with schemas.enable=true.'
            : '',
        )
      }
      if (type === 'STRING' && perField.length > 0) {
        throw new RecordError(
          `Sink connector '${connector}' is configured with field-level options that are not applicable to String values: ${perField.join(', ')}. ` +
            'Remove these options, or have the upstream producer emit Struct values instead.',
        )
      }
    }
  }
}
