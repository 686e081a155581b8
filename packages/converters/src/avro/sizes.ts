// Which values take no bytes: so many of them may follow each other that only their count is there to be believed.
import type { AvroSchema } from '@millrace/schemas/avro'

/** True when a value of the schema may be written in no bytes. */
export function takesNoBytes(schema: AvroSchema, around: readonly AvroSchema[] = []): boolean {
  switch (schema.type) {
    case 'null':
      return true
    case 'fixed':
      return schema.size === 0
    case 'record':
      // One that always contains itself has no values at all.
      return !around.includes(schema) && schema.fields.every((field) => takesNoBytes(field.schema, [...around, schema]))
    default:
      return false
  }
}
