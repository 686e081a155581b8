// Compatibility levels of a schema registry: which pairs of schemas a level asks about.
// Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/schema-evolution.html
import type { Incompatibility, ParsedSchema, SchemaLanguage } from './language.ts'

/** All levels, by the names of the registry protocol. */
export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const

/** What a subject promises to those who read or write it with an older or newer schema. */
export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number]

/** What keeps a schema from following earlier ones. */
export interface LevelFinding<Parsed extends ParsedSchema> extends Incompatibility {
  /** The earlier schema that does not fit. */
  readonly earlier: Parsed
  /** Which of the two cannot read the other. */
  readonly reader: 'new' | 'old'
}

/**
 * Asks whether a schema may follow earlier ones under a level.
 * @param earlier all earlier schemas, oldest first; levels that are not transitive look at the last one only
 * @returns what is in the way; empty when it may follow
 */
export function findingsAtLevel<Parsed extends ParsedSchema>(
  language: SchemaLanguage<Parsed>,
  level: CompatibilityLevel,
  next: Parsed,
  earlier: readonly Parsed[],
): readonly LevelFinding<Parsed>[] {
  const asked = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1)
  const newReads = level.startsWith('BACKWARD') || level.startsWith('FULL')
  const oldReads = level.startsWith('FORWARD') || level.startsWith('FULL')
  const findings: LevelFinding<Parsed>[] = []
  // The reference looks at the newest first, and tells what it finds in that order.
  for (const old of asked.toReversed()) {
    if (newReads) {
      for (const one of language.incompatibilities(next, old)) findings.push({ ...one, earlier: old, reader: 'new' })
    }
    if (oldReads) {
      for (const one of language.incompatibilities(old, next)) findings.push({ ...one, earlier: old, reader: 'old' })
    }
  }
  return findings
}
