// From JSON that others wrote, requests and records, to the model. What is not known is left out, as the reference does.
import { COMPATIBILITY_LEVELS, type CompatibilityLevel, type SchemaReference, type SchemaType } from '@millrace/schemas'
import { RegistryError } from '../errors.ts'
import { type Metadata, MODES, type Mode, type RegistryConfig, type Rule, type RuleSet } from './values.ts'

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>

const POLICIES = ['STRICT', 'LENIENT', 'LOGICAL']
const TYPES: readonly string[] = ['AVRO', 'PROTOBUF', 'JSON'] satisfies SchemaType[]

/** @throws RegistryError 400 when it is not an object */
export function readObject(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw misfit(what, 'a JSON object')
}

/** Text, or undefined when absent or null; numbers and booleans become text. */
export function readText(value: unknown, what: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw misfit(what, 'text')
}

export function readInteger(value: unknown, what: string): number | undefined {
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= 0x7fffffff) return number
  throw misfit(what, 'a whole number of 32 bits')
}

export function readBoolean(value: unknown, what: string): boolean | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value
  if (value === 'true' || value === 'false') return value === 'true'
  throw misfit(what, 'true or false')
}

/** The name of a schema language, or undefined when there is none such. */
export function readSchemaType(value: unknown): SchemaType | undefined {
  const text = readText(value, 'schemaType') ?? 'AVRO'
  return TYPES.includes(text) ? (text as SchemaType) : undefined
}

export function readReferences(value: unknown): readonly SchemaReference[] {
  return list(value, 'references').map((one) => {
    const { name, subject, version } = readObject(one, 'a reference')
    return {
      name: readText(name, 'name of a reference') ?? '',
      subject: readText(subject, 'subject of a reference') ?? '',
      version: readInteger(version, 'version of a reference') ?? 0,
    }
  })
}

export function readMetadata(value: unknown): Metadata | null {
  if (value === undefined || value === null) return null
  const { tags, properties, sensitive } = readObject(value, 'metadata')
  const read: { -readonly [key in keyof Metadata]: Metadata[key] } = {}
  const readTags = sortedMap(tags, 'metadata.tags', (one) => texts(one, 'metadata.tags'))
  if (readTags !== undefined) read.tags = readTags
  const readProperties = sortedMap(properties, 'metadata.properties', (one) => readText(one, 'a property') ?? '')
  if (readProperties !== undefined) read.properties = readProperties
  const readSensitive = texts(sensitive, 'metadata.sensitive')
  if (readSensitive.length > 0) read.sensitive = readSensitive
  return read
}

export function readRuleSet(value: unknown): RuleSet | null {
  if (value === undefined || value === null) return null
  const given = readObject(value, 'ruleSet')
  const read: Record<string, unknown> = {}
  for (const key of ['migrationRules', 'domainRules', 'encodingRules']) {
    const rules = list(given[key], key).map(readRule)
    if (rules.length > 0) read[key] = rules
  }
  const enableAt = readText(given.enableAt, 'enableAt')
  return { ...read, ...(enableAt !== undefined && { enableAt }) }
}

function readRule(value: unknown): Rule {
  const given = readObject(value, 'a rule')
  const text = (key: string) => readText(given[key], `${key} of a rule`)
  const rule: Record<string, unknown> = { name: text('name') }
  rule.doc = text('doc')
  rule.kind = (text('kind') ?? 'TRANSFORM').toUpperCase()
  rule.mode = (text('mode') ?? 'WRITEREAD').toUpperCase()
  rule.type = text('type')
  const tags = texts(given.tags, 'tags of a rule')
  rule.tags = tags.length > 0 ? tags : undefined
  rule.params = sortedMap(given.params, 'params of a rule', (one) => readText(one, 'a parameter') ?? '')
  for (const key of ['expr', 'onSuccess', 'onFailure']) rule[key] = text(key)
  rule.disabled = readBoolean(given.disabled, 'disabled of a rule') ?? false
  return Object.fromEntries(Object.entries(rule).filter(([, one]) => one !== undefined)) as unknown as Rule
}

/** A level by its name, in any case; undefined when there is none such. */
export function readLevel(value: unknown): CompatibilityLevel | undefined {
  const text = readText(value, 'compatibility')?.toUpperCase()
  return COMPATIBILITY_LEVELS.find((one) => one === text)
}

/** A mode by its name, in any case; undefined when there is none such. */
export function readMode(value: unknown): Mode | undefined {
  const text = readText(value, 'mode')?.toUpperCase()
  return MODES.find((one) => one === text)
}

/**
 * The settings in an object that names them: a key is undefined when it is absent, null when it is to be taken away.
 * @param levelKey `compatibility` in requests, `compatibilityLevel` in records
 */
export function readConfig(
  given: Json,
  levelKey: string,
): { [key in keyof RegistryConfig]?: RegistryConfig[key] | null } {
  const read: Record<string, unknown> = {}
  const take = (key: string, readOne: (value: unknown, what: string) => unknown, from = key) => {
    const value = given[from]
    if (value === undefined) return
    read[key] = value === null ? null : readOne(value, from)
  }
  take('alias', readText)
  take('aliasForDeks', readText)
  for (const key of ['normalize', 'validateFields', 'validateNewSchemas', 'validateRules']) take(key, readBoolean)
  take('compatibilityLevel', (value) => readLevel(value), levelKey)
  take('compatibilityPolicy', readPolicy)
  take('compatibilityGroup', readText)
  for (const key of ['defaultMetadata', 'overrideMetadata']) take(key, readMetadata)
  for (const key of ['defaultRuleSet', 'overrideRuleSet']) take(key, readRuleSet)
  return read
}

function readPolicy(value: unknown): string | undefined {
  const text = readText(value, 'compatibilityPolicy')?.toUpperCase()
  return POLICIES.find((one) => one === text)
}

function list(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw misfit(what, 'a list')
}

function texts(value: unknown, what: string): readonly string[] {
  return [...new Set(list(value, what).map((one) => readText(one, what) ?? ''))].sort()
}

function sortedMap<T>(value: unknown, what: string, read: (value: unknown) => T): Record<string, T> | undefined {
  if (value === undefined || value === null) return undefined
  const entries = Object.entries(readObject(value, what)).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([key, one]) => [key, read(one)]))
}

function misfit(what: string, wanted: string): RegistryError {
  return new RegistryError(400, 400, `${what} must be ${wanted}.`)
}
