// Keys and values of the topic `_schemas`, byte for byte as Confluent Schema Registry 8 writes them: JSON whose property
// order is fixed and whose empty properties are left out.
import type { SchemaReference } from '@millrace/schemas'
import {
  readBoolean,
  readConfig,
  readInteger,
  readMetadata,
  readMode,
  readObject,
  readReferences,
  readRuleSet,
  readSchemaType,
  readText,
} from '../model/read.ts'
import type { Mode, RegistryConfig, SchemaContent } from '../model/values.ts'

/** The only tenant there is. */
const TENANT = 'default'

/** A key of the topic. A subject is null for settings of all subjects. */
export type RecordKey =
  | { readonly keytype: 'SCHEMA'; readonly subject: string; readonly version: number }
  | { readonly keytype: 'CONFIG' | 'MODE' | 'CLEAR_SUBJECT'; readonly subject: string | null }
  | { readonly keytype: 'DELETE_SUBJECT'; readonly subject: string }
  | { readonly keytype: 'CONTEXT'; readonly context: string }
  | { readonly keytype: 'NOOP' }

/** What a SCHEMA record says. */
export interface SchemaRecord extends SchemaContent {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly deleted: boolean
}

/** A record of the topic. A null value takes away what was there. */
export type RegistryRecord =
  | { readonly key: RecordKey & { keytype: 'SCHEMA' }; readonly value: SchemaRecord | null }
  | { readonly key: RecordKey & { keytype: 'CONFIG' }; readonly value: RegistryConfig | null }
  | { readonly key: RecordKey & { keytype: 'MODE' }; readonly value: Mode | null }
  | { readonly key: RecordKey & { keytype: 'DELETE_SUBJECT' }; readonly value: number | null }
  | { readonly key: RecordKey & { keytype: 'CLEAR_SUBJECT' | 'CONTEXT' | 'NOOP' }; readonly value: true | null }

/** The bytes of a key. */
export function encodeKey(key: RecordKey): Buffer {
  switch (key.keytype) {
    case 'SCHEMA':
      return json({ keytype: key.keytype, subject: key.subject, version: key.version, magic: 1 })
    case 'CONTEXT':
      return json({ keytype: key.keytype, tenant: TENANT, context: key.context, magic: 0 })
    case 'NOOP':
      return json({ keytype: key.keytype, magic: 0 })
    default:
      return json({ keytype: key.keytype, ...filled({ subject: key.subject }), magic: 0 })
  }
}

/** The bytes of a value; null for a tombstone. */
export function encodeValue({ key, value }: RegistryRecord): Buffer | null {
  if (value === null) return null
  switch (key.keytype) {
    case 'SCHEMA':
      return json(schemaValue(value as SchemaRecord))
    case 'CONFIG':
      return json(filled({ subject: key.subject, ...(value as RegistryConfig) }))
    case 'MODE':
      return json(filled({ subject: key.subject, mode: value as Mode }))
    case 'DELETE_SUBJECT':
      return json({ subject: key.subject, version: value as number })
    case 'CLEAR_SUBJECT':
      return json(filled({ subject: key.subject }))
    case 'CONTEXT':
      return json({ tenant: TENANT, context: key.context })
    case 'NOOP':
      return null
  }
}

/**
 * Reads a record of any version of the reference.
 * @returns undefined for keys of kinds that are not kept here (associations)
 * @throws Error when it is not JSON of this format
 */
export function decodeRecord(key: Buffer, value: Buffer | null): RegistryRecord | undefined {
  const read = readObject(JSON.parse(key.toString('utf8')), 'the key')
  const subject = readText(read.subject, 'subject') ?? null
  const given = value === null ? null : readObject(JSON.parse(value.toString('utf8')), 'the value')
  switch (read.keytype) {
    case 'SCHEMA': {
      const version = readInteger(read.version, 'version')
      if (subject === null || version === undefined) throw new Error('A key of a schema without subject or version')
      if (read.magic !== 0 && read.magic !== 1) throw new Error(`A key of a schema with magic ${read.magic}`)
      const schemaKey = { keytype: 'SCHEMA' as const, subject, version }
      return { key: schemaKey, value: given === null ? null : readSchema(schemaKey, given) }
    }
    case 'CONFIG':
      return { key: { keytype: 'CONFIG', subject }, value: given === null ? null : present(given) }
    case 'MODE':
      return { key: { keytype: 'MODE', subject }, value: given === null ? null : (readMode(given.mode) ?? null) }
    case 'DELETE_SUBJECT':
      if (subject === null) throw new Error('A key of a deleted subject without subject')
      return { key: { keytype: 'DELETE_SUBJECT', subject }, value: readInteger(given?.version, 'version') ?? null }
    case 'CLEAR_SUBJECT':
      return { key: { keytype: 'CLEAR_SUBJECT', subject }, value: given === null ? null : true }
    case 'CONTEXT': {
      const context = readText(read.context, 'context') ?? '.'
      return { key: { keytype: 'CONTEXT', context }, value: given === null ? null : true }
    }
    case 'NOOP':
      return { key: { keytype: 'NOOP' }, value: null }
    default:
      return undefined
  }
}

function schemaValue(record: SchemaRecord): Record<string, unknown> {
  const { subject, version, id, schemaType, references, metadata, ruleSet, schema, deleted } = record
  // The reference writes an MD5 only where it encrypts metadata, which is not done here.
  const named = references.map((one: SchemaReference) => ({
    name: one.name,
    subject: one.subject,
    version: one.version,
  }))
  return filled({ subject, version, id, schemaType, references: named, metadata, ruleSet, schema, deleted })
}

function readSchema(
  { subject, version }: { subject: string; version: number },
  given: Readonly<Record<string, unknown>>,
): SchemaRecord {
  const id = readInteger(given.id, 'id')
  const schemaType = readSchemaType(given.schemaType)
  if (id === undefined) throw new Error(`Version ${version} of ${subject} has no id`)
  if (schemaType === undefined) throw new Error(`Version ${version} of ${subject} is of type ${given.schemaType}`)
  return {
    subject,
    version,
    id,
    schemaType,
    references: readReferences(given.references),
    metadata: readMetadata(given.metadata),
    ruleSet: readRuleSet(given.ruleSet),
    schema: readText(given.schema, 'schema') ?? '',
    deleted: readBoolean(given.deleted, 'deleted') ?? false,
  }
}

function present(given: Readonly<Record<string, unknown>>): RegistryConfig {
  const read = Object.entries(readConfig(given, 'compatibilityLevel'))
  return Object.fromEntries(read.filter(([, value]) => value !== null && value !== undefined))
}

/** Without what is null, undefined, or empty: an empty text is left out, an object is not. */
export function filled(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  )
}

function json(value: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(JSON.stringify(value))
}
