// /connectors: everything about connectors, their tasks, offsets and topics.
import { NotFoundException, type RawConfig } from '@millrace/api'
import type { StoredConfig, TaskId } from '../control/entities.ts'
import { BadRequestException, RestException } from '../control/errors.ts'
import type { Created, Herder, InternalRequest } from '../control/herder.ts'
import { readConfig, readConfigs, readCreateRequest, readOffsets } from './body.ts'
import { HttpError } from './http-error.ts'
import type { Route, RouteAnswer, RouteRequest } from './router.ts'

/** Settings of the worker that REST looks at. */
export interface TopicTracking {
  readonly enabled: boolean
  readonly resettable: boolean
}

const NO_CONTENT: RouteAnswer = { status: 204 }
const ACCEPTED: RouteAnswer = { status: 202 }

/** Routes of connectors. */
export function connectorRoutes(herder: Herder, tracking: TopicTracking): Route[] {
  return [
    { method: 'GET', path: '/connectors', handler: (request) => listConnectors(herder, request) },
    { method: 'POST', path: '/connectors', handler: (request) => createConnector(herder, request) },
    { method: 'GET', path: '/connectors/:name', handler: (request) => ok(herder.connectorInfo(nameOf(request))) },
    { method: 'DELETE', path: '/connectors/:name', handler: after(NO_CONTENT, (name) => herder.deleteConnector(name)) },
    {
      method: 'GET',
      path: '/connectors/:name/config',
      handler: (request) => ok(herder.connectorInfo(nameOf(request)).config),
    },
    { method: 'PUT', path: '/connectors/:name/config', handler: (request) => putConfig(herder, request) },
    {
      method: 'PATCH',
      path: '/connectors/:name/config',
      handler: async (request) => {
        const { info } = await herder.patchConnectorConfig(nameOf(request), readConfig(request.body))
        return ok(info)
      },
    },
    {
      method: 'GET',
      path: '/connectors/:name/status',
      handler: (request) => ok(herder.connectorStatus(nameOf(request))),
    },
    { method: 'POST', path: '/connectors/:name/restart', handler: (request) => restart(herder, request) },
    { method: 'PUT', path: '/connectors/:name/pause', handler: after(ACCEPTED, (name) => herder.pauseConnector(name)) },
    {
      method: 'PUT',
      path: '/connectors/:name/resume',
      handler: after(ACCEPTED, (name) => herder.resumeConnector(name)),
    },
    { method: 'PUT', path: '/connectors/:name/stop', handler: after(NO_CONTENT, (name) => herder.stopConnector(name)) },
    {
      method: 'PUT',
      path: '/connectors/:name/fence',
      handler: async (request) => {
        await herder.fenceZombieSourceTasks(nameOf(request), internalRequest(request))
        return NO_CONTENT
      },
    },
    ...taskRoutes(herder),
    ...topicRoutes(herder, tracking),
    ...offsetRoutes(herder),
  ]
}

function taskRoutes(herder: Herder): Route[] {
  return [
    { method: 'GET', path: '/connectors/:name/tasks', handler: (request) => ok(herder.taskInfos(nameOf(request))) },
    {
      method: 'POST',
      path: '/connectors/:name/tasks',
      handler: async (request) => {
        await herder.putTaskConfigs(
          nameOf(request),
          readConfigs(request.body) as StoredConfig[],
          internalRequest(request),
        )
        return NO_CONTENT
      },
    },
    {
      method: 'GET',
      path: '/connectors/:name/tasks/:task/status',
      handler: (request) => ok(herder.taskStatus(taskOf(request))),
    },
    {
      method: 'POST',
      path: '/connectors/:name/tasks/:task/restart',
      handler: async (request) => {
        await herder.restartTask(taskOf(request))
        return NO_CONTENT
      },
    },
  ]
}

function topicRoutes(herder: Herder, tracking: TopicTracking): Route[] {
  const requireTracking = () => {
    if (!tracking.enabled) throw new RestException(403, 'Topic tracking is disabled.')
  }
  return [
    {
      method: 'GET',
      path: '/connectors/:name/topics',
      handler: (request) => {
        requireTracking()
        const name = nameOf(request)
        return ok({ [name]: { topics: herder.activeTopics(name) } })
      },
    },
    {
      method: 'PUT',
      path: '/connectors/:name/topics/reset',
      handler: (request) => {
        requireTracking()
        if (!tracking.resettable) throw new RestException(403, 'Topic tracking reset is disabled.')
        herder.resetActiveTopics(nameOf(request))
        return ACCEPTED
      },
    },
  ]
}

function offsetRoutes(herder: Herder): Route[] {
  const path = '/connectors/:name/offsets'
  return [
    { method: 'GET', path, handler: async (request) => ok(await herder.connectorOffsets(nameOf(request))) },
    {
      method: 'PATCH',
      path,
      handler: async (request) => {
        const offsets = readOffsets(request.body)
        if (offsets.length === 0) {
          throw new BadRequestException('Partitions / offsets need to be provided for an alter offsets request')
        }
        return ok({ message: await herder.alterConnectorOffsets(nameOf(request), offsets) })
      },
    },
    {
      method: 'DELETE',
      path,
      handler: async (request) => ok({ message: await herder.resetConnectorOffsets(nameOf(request)) }),
    },
  ]
}

function listConnectors(herder: Herder, { query }: RouteRequest): RouteAnswer {
  const names = herder.connectors()
  if (!query.has('expand')) return ok(names)
  const expansions = new Set(query.getAll('expand'))
  const found: Record<string, unknown> = {}
  for (const name of names) {
    try {
      found[name] = {
        ...(expansions.has('status') && { status: herder.connectorStatus(name) }),
        ...(expansions.has('info') && { info: herder.connectorInfo(name) }),
      }
    } catch (error) {
      // Gone since it was listed, or without a status yet.
      if (!(error instanceof NotFoundException)) throw error
    }
  }
  return ok(found)
}

async function createConnector(herder: Herder, request: RouteRequest): Promise<RouteAnswer> {
  const { name, config, initialState } = readCreateRequest(request.body)
  const options = { allowReplace: false, ...(initialState !== undefined && { initialState }) }
  const put = await herder.putConnectorConfig(name, withName(name, config), options)
  return { status: 201, json: put.info, headers: { location: locationOf(request, name) } }
}

async function putConfig(herder: Herder, request: RouteRequest): Promise<RouteAnswer> {
  const name = nameOf(request)
  const put: Created = await herder.putConnectorConfig(name, withName(name, readConfig(request.body)), {
    allowReplace: true,
  })
  return put.created ? { status: 201, json: put.info, headers: { location: locationOf(request, name) } } : ok(put.info)
}

async function restart(herder: Herder, request: RouteRequest): Promise<RouteAnswer> {
  const connector = nameOf(request)
  const includeTasks = flag(request, 'includeTasks')
  const onlyFailed = flag(request, 'onlyFailed')
  if (!includeTasks && !onlyFailed) {
    await herder.restartConnector(connector)
    return NO_CONTENT
  }
  return { status: 202, json: await herder.restartConnectorAndTasks({ connector, includeTasks, onlyFailed }) }
}

/** The configuration with its name in it. @throws BadRequestException when it names another */
function withName(name: string, config: RawConfig): RawConfig {
  const given = config.name
  if (given === undefined || given === null) return { ...config, name }
  if (given === name) return config
  throw new BadRequestException(
    `Connector name configuration (${given}) doesn't match connector name in the URL (${name})`,
  )
}

function internalRequest({ body, headers }: RouteRequest): InternalRequest {
  const header = (name: string) => {
    const value = headers[name.toLowerCase()]
    return typeof value === 'string' ? value : undefined
  }
  return { body, header }
}

function after(answer: RouteAnswer, work: (name: string) => Promise<void>) {
  return async (request: RouteRequest) => {
    await work(nameOf(request))
    return answer
  }
}

function ok(json: unknown): RouteAnswer {
  return { status: 200, json }
}

function nameOf(request: RouteRequest): string {
  return request.params.name as string
}

/** A task number that is none does not name anything. */
function taskOf(request: RouteRequest): TaskId {
  const text = request.params.task as string
  if (!/^[+-]?\d+$/.test(text) || Math.abs(Number(text)) > 2 ** 31 - 1) throw new HttpError(404, 'Not Found')
  return { connector: nameOf(request), task: Number(text) }
}

/** Only `true` is true, whatever its case. */
function flag(request: RouteRequest, name: string): boolean {
  return request.query.get(name)?.toLowerCase() === 'true'
}

function locationOf(request: RouteRequest, name: string): string {
  return `${request.origin}/connectors/${encodeURIComponent(name)}`
}
