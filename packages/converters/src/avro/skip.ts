// Steps over what was written and is not wanted.
import type { AvroRecord, AvroSchema } from '@millrace/schemas/avro'
import type { AvroIn } from './avro-in.ts'
import { takesNoBytes } from './sizes.ts'

/** The function that steps over one value. It returns null, so that it stands where readers stand. */
export function skipper(schema: AvroSchema, input: AvroIn, known: Map<AvroRecord, () => null> = new Map()): () => null {
  const skip = (step: () => unknown) => () => {
    step()
    return null
  }
  switch (schema.type) {
    case 'null':
      return () => null
    case 'boolean':
      return skip(() => input.skip(1))
    case 'int':
      return skip(() => input.int())
    case 'long':
      return skip(() => input.long())
    case 'float':
      return skip(() => input.skip(4))
    case 'double':
      return skip(() => input.skip(8))
    case 'string':
    case 'bytes':
      return skip(() => input.skipBlock())
    case 'fixed':
      return skip(() => input.skip(schema.size))
    case 'enum':
      return skip(() => input.index(schema.symbols.length))
    case 'union': {
      const members = schema.types.map((type) => skipper(type, input, known))
      return () => (members[input.index(members.length)] as () => null)()
    }
    case 'array':
      return skipItems(skipper(schema.items, input, known), takesNoBytes(schema.items), input)
    case 'map': {
      const value = skipper(schema.values, input, known)
      return skipItems(
        () => {
          input.skipBlock()
          return value()
        },
        false,
        input,
      )
    }
    case 'record': {
      const before = known.get(schema)
      if (before !== undefined) return before
      let fields: readonly (() => null)[] = []
      const all = skip(() => {
        for (const one of fields) one()
      })
      known.set(schema, all)
      fields = schema.fields.map((field) => skipper(field.schema, input, known))
      return all
    }
  }
}

function skipItems(item: () => null, empty: boolean, input: AvroIn): () => null {
  return () => {
    let done = 0
    for (let count = input.items(empty, 0); count > 0; count = input.items(empty, done)) {
      done += count
      for (let left = count; left > 0; left--) item()
    }
    return null
  }
}
