// Routes about settings, modes, contexts, and the registry itself.
import { errors } from '../errors.ts'
import { readConfig, readMode } from '../model/read.ts'
import {
  DEFAULT_CONTEXT,
  GLOBAL_CONTEXT,
  isDefaultContext,
  isValidSubject,
  normalizeSubject,
  parseSubject,
} from '../model/subject-name.ts'
import type { Registry } from '../registry.ts'
import { checkRules, requireBody } from './entities.ts'
import { flag, page } from './parameters.ts'
import type { RegistryAnswer, RegistryRequest, RegistryRoute } from './route.ts'

/** The subject whose settings are meant; null for those of all. */
function scopeOf({ params }: RegistryRequest): string | null {
  const subject = params.subject
  return subject === undefined || isDefaultContext(subject) ? null : normalizeSubject(subject)
}

/** All of them. */
export function settingsRoutes(registry: Registry): RegistryRoute[] {
  const { queries, settings, deletions } = registry

  const getConfig = (request: RegistryRequest): RegistryAnswer => {
    const subject = scopeOf(request)
    const config = flag(request, 'defaultToGlobal') ? queries.configInScope(subject) : queries.config(subject)
    if (config === undefined) throw errors.configNotSet(subject ?? '')
    return { json: config }
  }

  const putConfig = async (request: RegistryRequest): Promise<RegistryAnswer> => {
    const body = requireBody(request.body)
    const change = readConfig(body, 'compatibility')
    if (body.compatibility != null && change.compatibilityLevel === undefined) throw errors.invalidLevel()
    checkRules(change.defaultRuleSet)
    checkRules(change.overrideRuleSet)
    checkName(request)
    const subject = scopeOf(request)
    await settings.updateConfig(subject, change)
    const { compatibilityLevel, ...rest } = queries.state.config(subject) ?? {}
    return { json: { ...rest, ...(compatibilityLevel !== undefined && { compatibility: compatibilityLevel }) } }
  }

  const deleteConfig = async (request: RegistryRequest): Promise<RegistryAnswer> => {
    const subject = scopeOf(request)
    const config = queries.config(subject)
    if (config === undefined) throw errors.subjectNotFound(subject ?? '')
    await settings.deleteConfig(subject)
    return { json: config }
  }

  const getMode = (request: RegistryRequest): RegistryAnswer => {
    const subject = scopeOf(request)
    const mode = flag(request, 'defaultToGlobal') ? queries.modeInScope(subject) : queries.mode(subject)
    if (mode === undefined) throw errors.modeNotSet(subject ?? '')
    return { json: { mode } }
  }

  const putMode = async (request: RegistryRequest): Promise<RegistryAnswer> => {
    checkName(request)
    const subject = scopeOf(request)
    const { mode: given } = requireBody(request.body)
    const mode = given == null ? null : readMode(given)
    if (mode === undefined) throw errors.invalidMode()
    if (mode === 'FORWARD' && parseSubject(subject ?? '').context !== GLOBAL_CONTEXT) {
      throw errors.invalidMode('Forward mode only supported on global level')
    }
    await settings.setMode(subject, mode, flag(request, 'force'))
    return { json: given === undefined ? {} : { mode: given } }
  }

  const deleteMode = async (request: RegistryRequest): Promise<RegistryAnswer> => {
    const subject = scopeOf(request)
    const mode = queries.mode(subject)
    const recursive = flag(request, 'recursive')
    if (mode === undefined && !recursive) throw errors.subjectNotFound(subject ?? '')
    await settings.deleteMode(subject, recursive)
    return { json: mode === undefined ? {} : { mode } }
  }

  const both = (
    method: string,
    base: string,
    handle: (request: RegistryRequest) => RegistryAnswer | Promise<RegistryAnswer>,
  ): RegistryRoute[] => [base, `${base}/:subject`].map((path) => ({ method, path, handle, write: method !== 'GET' }))

  return [
    ...both('GET', '/config', getConfig),
    ...both('PUT', '/config', putConfig),
    ...both('DELETE', '/config', deleteConfig),
    ...both('GET', '/mode', getMode),
    ...both('PUT', '/mode', putMode),
    ...both('DELETE', '/mode', deleteMode),
    {
      method: 'GET',
      path: '/contexts',
      handle: (request) => {
        const prefix = request.query.get('contextPrefix') ?? ''
        const contexts = [DEFAULT_CONTEXT, ...queries.state.contexts()]
        return {
          json: page(
            request,
            contexts.filter((one) => one.startsWith(prefix)),
          ),
        }
      },
    },
    {
      method: 'DELETE',
      path: '/contexts/:context',
      write: true,
      handle: async ({ params }) => {
        await deletions.context(normalizeSubject(params.context ?? ''))
        return { status: 204 }
      },
    },
    { method: 'GET', path: '/', handle: () => ({ json: {} }) },
    { method: 'POST', path: '/', handle: () => ({ json: {} }) },
    {
      method: 'GET',
      path: '/v1/metadata/id',
      handle: () => {
        const clusters = {
          'kafka-cluster': registry.about.clusterId,
          'schema-registry-cluster': registry.about.groupId,
        }
        return { json: { scope: { path: [], clusters }, id: '' } }
      },
    },
    {
      method: 'GET',
      path: '/v1/metadata/version',
      handle: () => ({ json: { version: registry.about.version, commitId: registry.about.commitId } }),
    },
  ]
}

function checkName({ params }: RegistryRequest): void {
  if (params.subject !== undefined && !isValidSubject(params.subject, true)) throw errors.invalidSubject(params.subject)
}
