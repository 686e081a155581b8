// Routes about schemas by id and GUID, by subject and version, and about compatibility.
import type { Filter } from '../core/queries.ts'
import type { FoundSchema } from '../core/schemas.ts'
import { errors, RegistryError } from '../errors.ts'
import { parseGuid } from '../model/schema-hash.ts'
import {
  ALL_CONTEXTS,
  contextPrefix,
  DEFAULT_CONTEXT,
  isValidSubject,
  normalizeSubject,
  parseSubject,
  relativeTo,
} from '../model/subject-name.ts'
import type { SchemaVersion } from '../model/values.ts'
import type { Registry } from '../registry.ts'
import { checkRules, readSchemaRequest, registeredEntity, schemaEntity, versionEntity } from './entities.ts'
import { flag, idOf, page, versionOf } from './parameters.ts'
import type { RegistryRequest, RegistryRoute } from './route.ts'

const subjectOf = ({ params }: RegistryRequest) => normalizeSubject(params.subject ?? '')

/** The most schemas that a list gives at once. */
const MOST_SCHEMAS = 1000

/** All of them. */
export function schemaRoutes(registry: Registry): RegistryRoute[] {
  const { queries, schemas, deletions } = registry

  const normalizes = (request: RegistryRequest, subject: string) =>
    flag(request, 'normalize') || queries.configInScope(subject).normalize === true

  const byVersion = (request: RegistryRequest, filter: 'live' | 'all'): SchemaVersion => {
    const subject = subjectOf(request)
    const version = versionOf(request)
    const found = queries.versionInContexts(subject, version, filter)
    if (found !== undefined) return found
    throw queries.hasSubjects(subject, filter) ? errors.versionNotFound(version) : errors.subjectNotFound(subject)
  }

  const byId = (request: RegistryRequest): SchemaVersion => {
    const id = idOf(request)
    const found = queries.byId(id, request.query.get('subject'))
    if (found === undefined) throw errors.schemaNotFound(id)
    return found
  }

  const versionsOfId = (request: RegistryRequest): SchemaVersion[] => {
    const filter = flag(request, 'deleted') ? 'all' : 'live'
    const found = queries.versionsOfId(idOf(request), request.query.get('subject'), filter)
    if (found === undefined) throw errors.schemaNotFound()
    return found
  }

  const textOf = (request: RegistryRequest, found: FoundSchema) =>
    schemas.formatted(found, request.query.get('format') ?? '')
  /** An answer with the text in the format that the client asks for. */
  const formatted = async (request: RegistryRequest, found: FoundSchema, entity: Record<string, unknown>) => ({
    json: { ...entity, schema: await textOf(request, found) },
  })

  return [
    {
      method: 'GET',
      path: '/subjects',
      handle: (request) => {
        const prefix = request.query.get('subjectPrefix') ?? ALL_CONTEXTS
        return { json: page(request, queries.subjects(prefix, filterOf(request))) }
      },
    },
    {
      method: 'POST',
      path: '/subjects/:subject',
      handle: async (request) => {
        const subject = subjectOf(request)
        const { content } = readSchemaRequest(request.body)
        const deleted = flag(request, 'deleted')
        const found = await schemas.find(subject, content, normalizes(request, subject), deleted)
        if (found !== undefined) return formatted(request, found, versionEntity(found))
        throw queries.hasSubjects(subject, deleted ? 'all' : 'live')
          ? errors.schemaNotFound()
          : errors.subjectNotFound(subject)
      },
    },
    {
      method: 'DELETE',
      path: '/subjects/:subject',
      write: true,
      handle: async (request) => ({ json: await deletions.subject(subjectOf(request), flag(request, 'permanent')) }),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/metadata',
      handle: (request) => {
        const subject = subjectOf(request)
        const filter = flag(request, 'deleted') ? 'all' : 'live'
        const values = request.query.getAll('value')
        const wanted = request.query.getAll('key').map((key, at) => [key, values[at]] as const)
        const found = queries
          .versions(subject, filter)
          .findLast(({ metadata }) =>
            wanted.every(([key, value]) => value === undefined || metadata?.properties?.[key] === value),
          )
        if (found !== undefined) return { json: versionEntity(found) }
        throw queries.hasSubjects(subject, filter) ? errors.schemaNotFound() : errors.subjectNotFound(subject)
      },
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions',
      handle: (request) => {
        const subject = subjectOf(request)
        const negative = flag(request, 'deletedAsNegative')
        const filter = negative ? 'all' : filterOf(request)
        const known = flag(request, 'deleted') || flag(request, 'deletedOnly') ? 'all' : 'live'
        if (!queries.hasSubjects(subject, known)) throw errors.subjectNotFound(subject)
        const versions = queries.versions(subject, filter)
        return {
          json: page(
            request,
            versions.map((one) => (negative && one.deleted ? -one.version : one.version)),
          ),
        }
      },
    },
    {
      method: 'POST',
      path: '/subjects/:subject/versions',
      write: true,
      local: async (request) => {
        const subject = registrable(request)
        const wanted = readSchemaRequest(request.body)
        const found = await schemas.findRegistered(subject, wanted, normalizes(request, subject))
        return found && formatted(request, found, registeredEntity(found))
      },
      handle: async (request) => {
        const subject = registrable(request)
        const wanted = readSchemaRequest(request.body)
        checkRules(wanted.content.ruleSet)
        const normalize = normalizes(request, subject)
        const found = await schemas.register(subject, wanted, normalize, flag(request, 'force'))
        return formatted(request, found, registeredEntity(found))
      },
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version',
      handle: (request) => {
        const found = byVersion(request, flag(request, 'deleted') ? 'all' : 'live')
        return formatted(request, found, versionEntity(qualifiedReferences(request, found)))
      },
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version/schema',
      handle: async (request) => {
        return { text: await textOf(request, byVersion(request, flag(request, 'deleted') ? 'all' : 'live')) }
      },
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version/referencedby',
      handle: (request) => {
        const { subject, version } = byVersion(request, 'all')
        const ids = queries.referrers(subject, version, flag(request, 'deleted') ? 'all' : 'live')
        return { json: page(request, ids, MOST_SCHEMAS).map((one) => one.id) }
      },
    },
    {
      method: 'DELETE',
      path: '/subjects/:subject/versions/:version',
      write: true,
      handle: async (request) => {
        const version = versionOf(request)
        return { json: await deletions.version(subjectOf(request), version, flag(request, 'permanent')) }
      },
    },
    {
      method: 'GET',
      path: '/schemas',
      handle: (request) => {
        const prefix = request.query.get('subjectPrefix') ?? ''
        const filter = flag(request, 'deleted') ? 'all' : 'live'
        const ruleType = request.query.get('ruleType')
        const all = queries
          .allVersions(prefix, filter, flag(request, 'latestOnly'))
          .filter((one) => !ruleType || hasRule(one, ruleType))
        return { json: page(request, all, MOST_SCHEMAS).map(versionEntity) }
      },
    },
    { method: 'GET', path: '/schemas/types', handle: () => ({ json: registry.languages.types }) },
    {
      method: 'GET',
      path: '/schemas/ids/:id',
      handle: (request) => {
        const stored = byId(request)
        const found = qualifiedReferences(request, stored)
        const { context } = parseSubject(found.subject)
        const more = flag(request, 'fetchMaxId') ? { maxId: queries.state.maxId(context) } : {}
        return formatted(request, stored, schemaEntity(found, request.query.get('subject') !== null, more))
      },
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/schema',
      handle: async (request) => ({ text: await textOf(request, byId(request)) }),
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/subjects',
      handle: (request) => ({ json: page(request, [...new Set(versionsOfId(request).map((one) => one.subject))]) }),
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/versions',
      handle: (request) => {
        const versions = versionsOfId(request).map(({ subject, version }) => ({ subject, version }))
        return { json: page(request, versions) }
      },
    },
    {
      method: 'GET',
      path: '/schemas/guids/:guid',
      handle: (request) => {
        const [place] = queries.idsOfGuid(parseGuid(request.params.guid ?? '') ?? '')
        const found = place && queries.byId(place.id, contextPrefix(place.context))
        if (found === undefined) throw errors.schemaNotFound(request.params.guid)
        return formatted(request, found, schemaEntity(found, false))
      },
    },
    {
      method: 'GET',
      path: '/schemas/guids/:guid/ids',
      handle: (request) => ({ json: queries.idsOfGuid(parseGuid(request.params.guid ?? '') ?? '') }),
    },
    ...['/compatibility/subjects/:subject/versions', '/compatibility/subjects/:subject/versions/:version'].map(
      (path): RegistryRoute => ({
        method: 'POST',
        path,
        handle: async (request) => {
          const subject = subjectOf(request)
          const verbose = flag(request, 'verbose')
          const versions = compared(request, subject)
          const messages = await checked(request, subject, versions, verbose)
          return { json: { is_compatible: messages.length === 0, ...(verbose && { messages }) } }
        },
      }),
    ),
  ]

  function compared(request: RegistryRequest, subject: string): readonly SchemaVersion[] {
    if (request.params.version === undefined) return queries.versions(subject, 'live')
    const version = versionOf(request)
    const found = queries.version(subject, version)
    if (found === undefined && version !== -1) throw errors.versionNotFound(version)
    return found === undefined ? [] : [found]
  }

  async function checked(
    request: RegistryRequest,
    subject: string,
    versions: readonly SchemaVersion[],
    verbose: boolean,
  ): Promise<readonly string[]> {
    try {
      const { content } = readSchemaRequest(request.body)
      return await schemas.compatibility(subject, content, versions, normalizes(request, subject))
    } catch (error) {
      if (verbose && error instanceof RegistryError && error.code === 42201) return [error.message]
      throw error
    }
  }
}

function registrable(request: RegistryRequest): string {
  const subject = request.params.subject ?? ''
  if (!isValidSubject(subject)) throw errors.invalidSubject(subject)
  return normalizeSubject(subject)
}

function filterOf(request: RegistryRequest): Filter {
  if (flag(request, 'deletedOnly')) return 'deleted'
  return flag(request, 'deleted') ? 'all' : 'live'
}

/** With `referenceFormat=qualified`, references of a schema in a context name that context. */
function qualifiedReferences(request: RegistryRequest, found: SchemaVersion): FoundSchema {
  if (request.query.get('referenceFormat') !== 'qualified') return found
  if (parseSubject(found.subject).context === DEFAULT_CONTEXT) return found
  const references = found.references.map((one) => ({ ...one, subject: relativeTo(found.subject, one.subject) }))
  return { ...found, references }
}

function hasRule({ ruleSet }: SchemaVersion, type: string): boolean {
  const rules = [ruleSet?.migrationRules, ruleSet?.domainRules, ruleSet?.encodingRules].flatMap((one) => one ?? [])
  return rules.some((rule) => rule.type === type)
}
