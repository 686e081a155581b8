// What a worker says of itself: version, health, plugins, loggers, metrics.
import { type Logger, NotFoundException } from '@millrace/api'
import { BadRequestException } from '../control/errors.ts'
import type { HealthProblem } from '../control/health.ts'
import type { Herder } from '../control/herder.ts'
import { parseLevel } from '../logging/levels.ts'
import { readConfig, readLevel } from './body.ts'
import { wrapped } from './http-error.ts'
import type { Route, RouteAnswer, RouteRequest } from './router.ts'
import { COMMIT, COMPATIBLE_VERSION } from './version.ts'

const HEALTH_TIMEOUT_MS = 10_000

/** Text of /metrics and its content type; with `details` also what is another text at each look. */
export type RenderMetrics = (details: boolean) => Promise<{ readonly contentType: string; readonly text: string }>

/** Routes of the main listeners beside those of connectors. */
export function workerRoutes(herder: Herder, renderMetrics: RenderMetrics): Route[] {
  return [
    {
      method: 'GET',
      path: '/',
      handler: async () =>
        ok({ version: COMPATIBLE_VERSION, commit: COMMIT, kafka_cluster_id: await herder.kafkaClusterId() }),
    },
    { method: 'GET', path: '/health', handler: () => health(herder) },
    { method: 'GET', path: '/health/live', quiet: true, handler: () => report('alive', 'dead', herder.health().dead) },
    {
      method: 'GET',
      path: '/health/ready',
      quiet: true,
      handler: () => report('ready', 'unready', herder.health().unready),
    },
    {
      method: 'GET',
      path: '/connector-plugins',
      handler: ({ query }) => ok(herder.plugins((query.get('connectorsOnly') ?? 'true').toLowerCase() !== 'false')),
    },
    {
      method: 'GET',
      path: '/connector-plugins/:plugin/config',
      handler: async ({ params, query }) =>
        ok(await herder.pluginConfig(params.plugin as string, query.get('version') ?? undefined)),
    },
    {
      method: 'PUT',
      path: '/connector-plugins/:plugin/config/validate',
      handler: (request) => validate(herder, request),
    },
    metricsRoute(renderMetrics),
  ]
}

/** Prometheus text. */
export function metricsRoute(renderMetrics: RenderMetrics): Route {
  return {
    method: 'GET',
    path: '/metrics',
    quiet: true,
    anyType: true,
    handler: async ({ query }) => {
      const { contentType, text } = await renderMetrics(query.get('details') === 'true')
      return { status: 200, text, headers: { 'content-type': contentType } }
    },
  }
}

/** The OpenAPI document of all routes of a worker, made when it is first asked for. `routes` are asked then. */
export function openApiRoute(routes: () => readonly Route[]): Route {
  let document: unknown
  return {
    method: 'GET',
    path: '/openapi.json',
    quiet: true,
    handler: async () => {
      const { openApiDocument } = await import('./openapi/document.ts')
      document ??= openApiDocument(routes())
      return ok(document)
    },
  }
}

/** Routes of the admin listeners. */
export function adminRoutes(herder: Herder, log: Logger): Route[] {
  return [
    { method: 'GET', path: '/admin/loggers', handler: () => ok(herder.loggerLevels()) },
    {
      method: 'GET',
      path: '/admin/loggers/:logger',
      handler: ({ params }) => {
        const logger = params.logger as string
        const level = herder.loggerLevel(logger)
        if (level === undefined) throw new NotFoundException(`Logger ${logger} not found.`)
        return ok(level)
      },
    },
    { method: 'POST', path: '/admin/plugins/rescan', handler: async () => ok(await herder.rescanPlugins()) },
    { method: 'PUT', path: '/admin/loggers/:logger', handler: (request) => setLevel(herder, log, request) },
  ]
}

/** 200 when nothing is wrong, else 503 and what it is. */
function report(good: string, bad: string, problems: readonly HealthProblem[]): RouteAnswer {
  const well = problems.length === 0
  return { status: well ? 200 : 503, json: { status: well ? good : bad, problems } }
}

async function health(herder: Herder): Promise<RouteAnswer> {
  const late = Symbol()
  const timeout = Promise.withResolvers<typeof late>()
  const timer = setTimeout(() => timeout.resolve(late), HEALTH_TIMEOUT_MS)
  try {
    const outcome = await Promise.race([herder.healthCheck(), timeout.promise])
    if (outcome !== late) {
      return ok({ status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' })
    }
  } finally {
    clearTimeout(timer)
  }
  return herder.ready
    ? {
        status: 500,
        json: {
          status: 'unhealthy',
          message: 'Worker was unable to handle this request and may be unable to handle other requests.',
        },
      }
    : { status: 503, json: { status: 'starting', message: 'Worker is still starting up.' } }
}

async function validate(herder: Herder, { params, body }: RouteRequest): Promise<RouteAnswer> {
  const config = readConfig(body)
  const plugin = params.plugin as string
  const className = config['connector.class']
  if (className !== undefined && className !== null && !withoutSuffix(className).endsWith(withoutSuffix(plugin))) {
    throw new BadRequestException(`Included connector type ${className} does not match request type ${plugin}`)
  }
  try {
    return ok(await herder.validateConnectorConfig(config))
  } catch (error) {
    throw wrapped(error)
  }
}

async function setLevel(herder: Herder, log: Logger, { params, query, body }: RouteRequest): Promise<RouteAnswer> {
  const level = readLevel(body)
  if (level === null) throw new BadRequestException("Desired 'level' parameter was not specified in request.")
  if (parseLevel(level) === undefined) throw new NotFoundException(`invalid log level '${level}'.`)
  const scope = (query.get('scope') ?? 'worker').toLowerCase()
  if (scope === 'cluster') {
    await herder.setClusterLoggerLevel(params.logger as string, level)
    return { status: 204 }
  }
  const names = await herder.setLoggerLevel(params.logger as string, level)
  if (scope !== 'worker')
    log.warn(`Received a request with an unknown scope '${scope}' for log levels; it is taken as 'worker'.`)
  return ok(names)
}

function withoutSuffix(name: string): string {
  return name.endsWith('Connector') ? name.slice(0, -'Connector'.length) : name
}

function ok(json: unknown): RouteAnswer {
  return { status: 200, json }
}
