// Metadata and rules of a schema: merged from settings and the version before, and compared without their version mark.
import type { Metadata, RegistryConfig, Rule, RuleSet, SchemaContent } from '../model/values.ts'

const VERSION_MARK = 'confluent:version'

/**
 * Metadata and rules that a schema gets: its own or those of the version before, between the defaults and the overrides of
 * the settings.
 * @param mark the version to write into the metadata when the client gave one, or there is one already; null for never
 */
export function populated(
  config: RegistryConfig,
  content: SchemaContent,
  previous: SchemaContent | undefined,
  mark: { readonly version: number; readonly always: boolean } | null,
): SchemaContent {
  const own = content.metadata ?? previous?.metadata ?? null
  let metadata = mergeMetadata(mergeMetadata(config.defaultMetadata ?? null, own), config.overrideMetadata ?? null)
  const rules = content.ruleSet ?? previous?.ruleSet ?? null
  const ruleSet = mergeRuleSets(mergeRuleSets(config.defaultRuleSet ?? null, rules), config.overrideRuleSet ?? null)
  if (mark !== null && (mark.always || versionMark(metadata) !== undefined)) {
    const properties = sorted({ ...metadata?.properties, [VERSION_MARK]: String(mark.version) })
    metadata = { ...(metadata?.tags && { tags: metadata.tags }), properties, ...sensitiveOf(metadata) }
  }
  return metadata === null && ruleSet === null ? content : { ...content, metadata, ruleSet }
}

/** Whether one schema may be found as another: equal but for a version mark that only one of them has. */
export function sameRegistration(current: SchemaContent, previous: SchemaContent, previousVersion: number): boolean {
  if (current.schema !== previous.schema || current.schemaType !== previous.schemaType) return false
  if (!equal(current.references, previous.references) || !equal(current.ruleSet, previous.ruleSet)) return false
  const mine = versionMark(current.metadata)
  const theirs = versionMark(previous.metadata)
  if (mine === undefined && theirs !== undefined) return equal(current.metadata ?? {}, unmarked(previous.metadata))
  if (mine !== undefined && theirs === undefined) {
    return Number(mine) === previousVersion && equal(unmarked(current.metadata), previous.metadata ?? {})
  }
  return equal(current.metadata, previous.metadata)
}

function versionMark(metadata: Metadata | null): string | undefined {
  return metadata?.properties?.[VERSION_MARK]
}

function unmarked(metadata: Metadata | null): Metadata {
  const { [VERSION_MARK]: _, ...properties } = metadata?.properties ?? {}
  const left = Object.keys(properties).length > 0 ? { properties } : {}
  return { ...(metadata?.tags && { tags: metadata.tags }), ...left, ...sensitiveOf(metadata) }
}

function sensitiveOf(metadata: Metadata | null): Metadata {
  return metadata?.sensitive === undefined ? {} : { sensitive: metadata.sensitive }
}

function mergeMetadata(old: Metadata | null, over: Metadata | null): Metadata | null {
  if (old === null || over === null) return over ?? old
  const tags = sorted({ ...old.tags, ...over.tags })
  const properties = sorted({ ...old.properties, ...over.properties })
  const sensitive = [...new Set([...(old.sensitive ?? []), ...(over.sensitive ?? [])])].sort()
  return {
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(sensitive.length > 0 && { sensitive }),
  }
}

function mergeRuleSets(old: RuleSet | null, over: RuleSet | null): RuleSet | null {
  if (old === null || over === null) return over ?? old
  const merged: Record<string, unknown> = {}
  for (const key of ['migrationRules', 'domainRules', 'encodingRules'] as const) {
    const rules = mergeRules(old[key] ?? [], over[key] ?? [])
    if (rules.length > 0) merged[key] = rules
  }
  const enableAt = over.enableAt ?? old.enableAt
  return { ...merged, ...(enableAt !== undefined && { enableAt }) }
}

/** Rules of the same name are replaced, and stand where the new ones stand. */
function mergeRules(old: readonly Rule[], over: readonly Rule[]): readonly Rule[] {
  const names = new Set(over.map((rule) => rule.name))
  return [...old.filter((rule) => !names.has(rule.name)), ...over]
}

function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
