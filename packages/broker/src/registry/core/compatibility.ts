// Compatibility answers in the words of the reference: what clients show to their users.
import { type CompatibilityLevel, findingsAtLevel, type LevelFinding, type ParsedSchema } from '@millrace/schemas'
import type { SchemaVersion } from '../model/values.ts'
import type { ParsedContent } from './languages.ts'

/** An earlier version, parsed. */
export interface EarlierVersion extends ParsedContent {
  readonly version: SchemaVersion
}

const MOST_SCHEMA_TEXT = 10 * 1024

/**
 * Why a schema may not follow earlier versions under a level; empty when it may.
 * @param earlier all that count, oldest first
 */
export function compatibilityMessages(
  next: ParsedContent,
  earlier: readonly EarlierVersion[],
  level: CompatibilityLevel,
): string[] {
  const asked = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1)
  if (level === 'NONE') return []
  // Newest first, and no further than the first that does not fit.
  for (const old of asked.toReversed()) {
    const messages = against(next, old, level)
    if (messages.length > 0) return [...messages, `{validateFields: 'false', compatibility: '${level}'}`]
  }
  return []
}

function against(next: ParsedContent, old: EarlierVersion, level: CompatibilityLevel): string[] {
  if (next.parsed.type !== old.parsed.type) return ['Incompatible because of different schema type']
  const findings = findingsAtLevel(next.language, level, next.parsed, [old.parsed])
  if (findings.length === 0) return []
  const reads = findings.filter((one) => one.reader === 'new').map((one) => describe(next.parsed, one))
  const isRead = findings.filter((one) => one.reader === 'old').map((one) => describe(next.parsed, one))
  const told = [...isRead, ...reads]
  // With a level of both directions the reference names the old schema only when it cannot be read.
  if (level.startsWith('FULL') && reads.length === 0) return told
  const { schema, version } = old.version
  const text =
    schema.length <= MOST_SCHEMA_TEXT
      ? `{oldSchema: '${schema}'}`
      : `{oldSchema: <truncated> '${schema.slice(0, MOST_SCHEMA_TEXT)}...'}`
  return [...told, `{oldSchemaVersion: ${version}}`, text]
}

function describe({ type }: ParsedSchema, { reader, ...finding }: LevelFinding<ParsedSchema>): string {
  const [reads, wrote] = reader === 'new' ? ['new', 'old'] : ['old', 'new']
  if (type !== 'AVRO') {
    const description = finding.message.replace('%s', () => reads).replaceAll('%s', () => wrote)
    return `{errorType:"${finding.type}", description:"${description}"}`
  }
  const description = avroDescription(finding, reads, wrote)
  return `{errorType:'${finding.type}', description:'${description}', additionalInfo:'${finding.message}'}`
}

function avroDescription(
  { type, path, message }: { type: string; path: string; message: string },
  reads: string,
  wrote: string,
): string {
  switch (type) {
    case 'FIXED_SIZE_MISMATCH':
      return `The size of FIXED type field at path '${path}' in the ${reads} schema does not match with the ${wrote} schema`
    case 'TYPE_MISMATCH':
      return `The type (path '${path}') of a field in the ${reads} schema does not match with the ${wrote} schema`
    case 'NAME_MISMATCH':
      return `The name of the schema has changed (path '${path}')`
    case 'MISSING_ENUM_SYMBOLS':
      return `The ${reads} schema is missing enum symbols '${message}' at path '${path}' in the ${wrote} schema`
    case 'MISSING_UNION_BRANCH':
      return `The ${reads} schema is missing a type inside a union field at path '${path}' in the ${wrote} schema`
    case 'READER_FIELD_MISSING_DEFAULT_VALUE':
      return `The field '${message}' at path '${path}' in the ${reads} schema has no default value and is missing in the ${wrote} schema`
    default:
      return ''
  }
}
