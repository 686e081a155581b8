// What goes to a registry and what comes back.
import type { SchemaReference, SchemaType } from '@millrace/schemas'

/** A schema as it is sent: its text and what it refers to. */
export interface SchemaText {
  readonly schemaType: SchemaType
  readonly schema: string
  readonly references: readonly SchemaReference[]
}

/** A schema as the registry has it. */
export interface RegisteredSchema extends SchemaText {
  readonly id: number
  /** Null when the registry gives none (before version 8). */
  readonly guid: string | null
  /** Null when it was asked for by id or GUID and the registry did not say. */
  readonly subject: string | null
  readonly version: number | null
  /** Properties of its metadata. */
  readonly metadata: ReadonlyMap<string, string>
}

const TYPES: ReadonlySet<string> = new Set(['AVRO', 'PROTOBUF', 'JSON'])

/**
 * A schema out of an answer.
 * @param known what the question implies and the answer may leave out
 * @throws Error when the answer is no schema
 */
export function readSchema(answer: unknown, known: Partial<RegisteredSchema> = {}): RegisteredSchema {
  const body = Object(answer) as Readonly<Record<string, unknown>>
  const schemaType = body.schemaType ?? known.schemaType ?? 'AVRO'
  const schema = body.schema ?? known.schema
  const id = body.id ?? known.id
  if (typeof schema !== 'string' || typeof id !== 'number' || !TYPES.has(String(schemaType))) {
    throw new Error('it has no schema, no id, or a schema type that is not known')
  }
  return Object.freeze({
    schemaType: schemaType as SchemaType,
    schema,
    id,
    references: body.references === undefined ? (known.references ?? []) : readReferences(body.references),
    guid: typeof body.guid === 'string' ? body.guid : (known.guid ?? null),
    subject: typeof body.subject === 'string' ? body.subject : (known.subject ?? null),
    version: typeof body.version === 'number' ? body.version : (known.version ?? null),
    metadata: readProperties(body.metadata),
  })
}

function readReferences(answer: unknown): readonly SchemaReference[] {
  if (!Array.isArray(answer)) return []
  return answer.map((one) => {
    const { name, subject, version } = Object(one)
    if (typeof name !== 'string' || typeof subject !== 'string' || typeof version !== 'number') {
      throw new Error('one of its references has no name, subject or version')
    }
    return Object.freeze({ name, subject, version })
  })
}

function readProperties(metadata: unknown): ReadonlyMap<string, string> {
  const { properties } = Object(metadata) as { readonly properties?: unknown }
  return new Map(Object.entries(Object(properties)).map(([name, value]) => [name, String(value)]))
}
