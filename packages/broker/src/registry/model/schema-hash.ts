// The MD5 under which equal schemas are found, and the GUID that is the same 16 bytes.
import { createHash, type Hash } from 'node:crypto'
import type { Metadata, Rule, RuleSet, SchemaContent } from './values.ts'

/** The GUID of a schema: MD5 over text, references, metadata and rules, written as a UUID. */
export function schemaGuid({ schema, references, metadata, ruleSet }: SchemaContent): string {
  const hash = createHash('md5').update(schema)
  for (const { name, subject, version } of references) {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(version)
    hash.update(name).update(subject).update(bytes)
  }
  // A byte before each tells an empty one from none.
  if (metadata !== null) addMetadata(hash.update(Buffer.of(1)), metadata)
  if (ruleSet !== null) addRules(hash.update(Buffer.of(1)), ruleSet)
  return dashed(hash.digest('hex'))
}

/** A GUID as clients may write it, with or without dashes; undefined when it is none. */
export function parseGuid(text: string): string | undefined {
  const hex = text.replaceAll('-', '').toLowerCase()
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined
  return dashed(hex)
}

function addMetadata(hash: Hash, { tags = {}, properties = {}, sensitive = [] }: Metadata): void {
  for (const [path, names] of sorted(tags)) {
    hash.update(path)
    for (const name of names) hash.update(name)
  }
  for (const [name, value] of sorted(properties)) hash.update(name).update(value)
  for (const name of sensitive) hash.update(name)
}

function addRules(hash: Hash, { migrationRules = [], domainRules = [], encodingRules = [], enableAt }: RuleSet): void {
  for (const rule of [...migrationRules, ...domainRules, ...encodingRules]) addRule(hash, rule)
  if (enableAt !== undefined) hash.update(enableAt)
}

function addRule(hash: Hash, rule: Rule): void {
  for (const text of [rule.name, rule.doc, rule.kind, rule.mode, rule.type]) if (text !== undefined) hash.update(text)
  for (const tag of rule.tags ?? []) hash.update(tag)
  for (const [name, value] of sorted(rule.params ?? {})) hash.update(name).update(value)
  for (const text of [rule.expr, rule.onSuccess, rule.onFailure]) if (text !== undefined) hash.update(text)
  if (rule.disabled) hash.update(Buffer.of(1))
}

function dashed(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** By UTF-16 units, as Java sorts text; an object's own order puts keys that are numbers first. */
function sorted<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
}
