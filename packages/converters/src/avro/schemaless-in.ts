// Values without a schema, out of the record that can hold any of them.
import { DataException, type Value } from '@millrace/api'
import type { AvroSchema } from '@millrace/schemas/avro'
import type { AvroIn } from './avro-in.ts'
import { skipper } from './skip.ts'

/** Reads one such value, written under any version of its schema that has the same fields. */
export function anythingReader(written: AvroSchema, input: AvroIn): () => Value {
  if (written.type !== 'record') throw new DataException('Invalid Avro data for schemaless Connect data')
  const anything = (): Value => {
    let value: Value = null
    for (const read of fields) {
      const found = read()
      // The first that is there is the value; the others are null.
      value ??= found
    }
    return value
  }
  const list = (item: () => void) => {
    for (let count = input.items(false, 0); count > 0; count = input.items(false, 0)) {
      for (let left = count; left > 0; left--) item()
    }
  }
  const readers: Readonly<Record<string, () => Value>> = {
    boolean: () => input.boolean(),
    bytes: () => input.block(),
    double: () => input.double(),
    float: () => input.float(),
    int: () => input.int(),
    long: () => input.long(),
    string: () => input.string(),
    array: () => {
      const items: Value[] = []
      list(() => items.push(anything()))
      return items
    },
    map: () => {
      const map = new Map<Value, Value>()
      list(() => {
        const key = anything()
        map.set(key, anything())
      })
      return map
    },
  }
  const fields = written.fields.map(({ name, schema }) => {
    const read = readers[name]
    const [none, some] = schema.type === 'union' ? schema.types : []
    if (read === undefined || none?.type !== 'null' || some === undefined) return skipper(schema, input)
    return () => (input.index(2) === 0 ? null : read())
  })
  return anything
}
