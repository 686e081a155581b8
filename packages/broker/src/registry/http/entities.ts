// Bodies of answers and requests, as the reference's client reads and writes them.
import type { FoundSchema, SchemaRequest } from '../core/schemas.ts'
import { errors, RegistryError } from '../errors.ts'
import {
  readInteger,
  readMetadata,
  readObject,
  readReferences,
  readRuleSet,
  readSchemaType,
  readText,
} from '../model/read.ts'
import { schemaGuid } from '../model/schema-hash.ts'
import type { RuleSet } from '../model/values.ts'
import { filled } from '../topic/format.ts'

/** A version of a subject. */
export function versionEntity(found: FoundSchema): Record<string, unknown> {
  const { subject, version, id } = found
  return { subject, ...filled({ version, id, ...contentEntity(found) }) }
}

/** A schema by its id; `subject` and `version` only where a subject was asked for. */
export function schemaEntity(found: FoundSchema, named: boolean, more: Record<string, unknown> = {}) {
  const { subject, version } = found
  return filled({ ...(named && { subject, version }), ...contentEntity(found), ...more })
}

/** The answer to a registration. */
export function registeredEntity(found: FoundSchema): Record<string, unknown> {
  return filled({ id: found.id, version: found.version, ...contentEntity(found) })
}

function contentEntity(found: FoundSchema): Record<string, unknown> {
  const { schemaType, references, metadata, ruleSet, schema, timestamp, deleted } = found
  return { guid: schemaGuid(found), schemaType, references, metadata, ruleSet, schema, ts: timestamp, deleted }
}

/** A schema to register, find or compare. @throws RegistryError 400, 422 */
export function readSchemaRequest(body: unknown): SchemaRequest {
  const given = requireBody(body)
  const schemaType = readSchemaType(given.schemaType)
  if (schemaType === undefined)
    throw errors.invalidSchema(`Invalid schema type ${readText(given.schemaType, 'schemaType')}`)
  return {
    version: readInteger(given.version, 'version') ?? 0,
    id: readInteger(given.id, 'id') ?? -1,
    content: {
      schemaType,
      schema: readText(given.schema, 'schema') ?? '',
      references: readReferences(given.references),
      metadata: readMetadata(given.metadata),
      ruleSet: readRuleSet(given.ruleSet),
    },
  }
}

/** The body as an object. @throws RegistryError 422 without one, 400 when it is something else */
export function requireBody(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined || body === null) throw new RegistryError(422, 422, 'The request needs a body.')
  return readObject(body, 'The body')
}

/** @throws RegistryError 42210 for rules without a name, or two of one name in a list */
export function checkRules(ruleSet: RuleSet | null | undefined): void {
  if (ruleSet === null || ruleSet === undefined) return
  for (const rules of [ruleSet.migrationRules, ruleSet.domainRules, ruleSet.encodingRules]) {
    const names = new Set<string>()
    for (const { name } of rules ?? []) {
      if (name === undefined || name === '') throw errors.invalidRuleSet('Missing rule name')
      if (names.has(name)) throw errors.invalidRuleSet(`Found rule with duplicate name '${name}'`)
      names.add(name)
    }
  }
}
