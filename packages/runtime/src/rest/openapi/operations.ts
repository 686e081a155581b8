// What each route does, takes and gives, by method and path. A test holds this table to the routes, both ways.
import { listOf, ref, type Schema } from './schemas.ts'

/** A query parameter. */
export interface QueryParameter {
  readonly name: string
  readonly schema: Schema
  readonly about: string
}

/** One route as it is documented. */
export interface OperationDoc {
  /** Name of the call in generated clients. */
  readonly id: string
  readonly tag: 'connectors' | 'tasks' | 'offsets' | 'topics' | 'plugins' | 'worker' | 'loggers' | 'internal'
  readonly summary: string
  readonly query?: readonly QueryParameter[]
  readonly body?: Schema
  /** Status and JSON body of success; null for none. */
  readonly answers: Readonly<Record<number, Schema | null>>
  /** Status of answers with an `Error`, beside those that every call may have. */
  readonly errors?: readonly number[]
  /** Content type of success when it is not JSON. */
  readonly contentType?: string
}

const flag = (name: string, about: string): QueryParameter => ({
  name,
  schema: { type: 'boolean', default: false },
  about,
})
const NONE = null

/** All routes. */
export const OPERATIONS: Readonly<Record<string, OperationDoc>> = {
  'GET /': {
    id: 'getWorker',
    tag: 'worker',
    summary: 'Version of the worker and its Kafka cluster',
    answers: { 200: ref('ServerInfo') },
  },
  'GET /health': {
    id: 'getHealth',
    tag: 'worker',
    summary: 'Whether the worker answers (KIP-1017)',
    answers: { 200: ref('Health'), 500: ref('Health'), 503: ref('Health') },
  },
  'GET /health/live': {
    id: 'getLiveness',
    tag: 'worker',
    summary: 'Whether the worker gets on by itself, or only a new start may help; not in Apache Kafka Connect',
    answers: { 200: ref('HealthReport'), 503: ref('HealthReport') },
  },
  'GET /health/ready': {
    id: 'getReadiness',
    tag: 'worker',
    summary: 'Whether the worker can serve requests, with its group and internal topics; not in Apache Kafka Connect',
    answers: { 200: ref('HealthReport'), 503: ref('HealthReport') },
  },
  'GET /metrics': {
    id: 'getMetrics',
    tag: 'worker',
    summary: 'All metrics as Prometheus text; not in Apache Kafka Connect',
    query: [flag('details', "Connectors' texts that change with each record are shown, too: not for a scraper.")],
    answers: { 200: { type: 'string' } },
    contentType: 'text/plain',
  },
  'GET /openapi.json': {
    id: 'getOpenApi',
    tag: 'worker',
    summary: 'This document; not in Apache Kafka Connect',
    answers: { 200: ref('OpenApi') },
  },
  'GET /connectors': {
    id: 'listConnectors',
    tag: 'connectors',
    summary: 'Names of all connectors, or with `expand` their states and configurations',
    query: [
      {
        name: 'expand',
        schema: { type: 'array', items: { enum: ['status', 'info'] } },
        about: 'What to tell of each; may be repeated',
      },
    ],
    answers: { 200: ref('Connectors') },
  },
  'POST /connectors': {
    id: 'createConnector',
    tag: 'connectors',
    summary: 'Creates a connector, in the state asked for (KIP-980)',
    body: ref('CreateConnector'),
    answers: { 201: ref('ConnectorInfo') },
    errors: [400, 409],
  },
  'GET /connectors/:name': {
    id: 'getConnector',
    tag: 'connectors',
    summary: 'Configuration and tasks of a connector',
    answers: { 200: ref('ConnectorInfo') },
    errors: [404],
  },
  'DELETE /connectors/:name': {
    id: 'deleteConnector',
    tag: 'connectors',
    summary: 'Deletes a connector; its offsets stay',
    answers: { 204: NONE },
    errors: [404, 409],
  },
  'GET /connectors/:name/config': {
    id: 'getConnectorConfig',
    tag: 'connectors',
    summary: 'The configuration as it was given: references to config providers stay references',
    answers: { 200: ref('Config') },
    errors: [404],
  },
  'PUT /connectors/:name/config': {
    id: 'putConnectorConfig',
    tag: 'connectors',
    summary: 'Creates a connector, or replaces its configuration',
    body: ref('ConfigInput'),
    answers: { 200: ref('ConnectorInfo'), 201: ref('ConnectorInfo') },
    errors: [400, 409],
  },
  'PATCH /connectors/:name/config': {
    id: 'patchConnectorConfig',
    tag: 'connectors',
    summary: 'Changes some keys of a configuration; null removes one (KIP-477)',
    body: ref('ConfigInput'),
    answers: { 200: ref('ConnectorInfo') },
    errors: [400, 404, 409],
  },
  'GET /connectors/:name/status': {
    id: 'getConnectorStatus',
    tag: 'connectors',
    summary: 'States of a connector and its tasks, with the traces of what failed',
    answers: { 200: ref('ConnectorStateInfo') },
    errors: [404],
  },
  'POST /connectors/:name/restart': {
    id: 'restartConnector',
    tag: 'connectors',
    summary: 'Restarts a connector, and with `includeTasks` its tasks (KIP-745)',
    query: [flag('includeTasks', 'The tasks too'), flag('onlyFailed', 'Only what has failed')],
    answers: { 202: ref('ConnectorStateInfo'), 204: NONE },
    errors: [404, 409],
  },
  'PUT /connectors/:name/pause': {
    id: 'pauseConnector',
    tag: 'connectors',
    summary: 'Pauses a connector: its tasks stay and wait',
    answers: { 202: NONE },
    errors: [404],
  },
  'PUT /connectors/:name/resume': {
    id: 'resumeConnector',
    tag: 'connectors',
    summary: 'Lets a paused or stopped connector run',
    answers: { 202: NONE },
    errors: [404],
  },
  'PUT /connectors/:name/stop': {
    id: 'stopConnector',
    tag: 'connectors',
    summary: 'Stops a connector: its tasks go, its configuration and offsets stay (KIP-875)',
    answers: { 204: NONE },
    errors: [404, 409],
  },
  'PUT /connectors/:name/fence': {
    id: 'fenceZombies',
    tag: 'internal',
    summary: 'From worker to worker: fences the former tasks of a source',
    answers: { 204: NONE },
    errors: [400, 403, 404, 409, 503],
  },
  'GET /connectors/:name/tasks': {
    id: 'listTasks',
    tag: 'tasks',
    summary: 'Tasks of a connector with their configurations',
    answers: { 200: listOf(ref('TaskInfo')) },
    errors: [404],
  },
  'POST /connectors/:name/tasks': {
    id: 'putTaskConfigs',
    tag: 'internal',
    summary: "From worker to worker: the configurations of a connector's tasks",
    body: listOf(ref('ConfigInput')),
    answers: { 204: NONE },
    errors: [400, 403, 404, 409, 503],
  },
  'GET /connectors/:name/tasks/:task/status': {
    id: 'getTaskStatus',
    tag: 'tasks',
    summary: 'State of a task',
    answers: { 200: ref('TaskState') },
    errors: [404],
  },
  'POST /connectors/:name/tasks/:task/restart': {
    id: 'restartTask',
    tag: 'tasks',
    summary: 'Restarts a task',
    answers: { 204: NONE },
    errors: [404, 409],
  },
  'GET /connectors/:name/topics': {
    id: 'getActiveTopics',
    tag: 'topics',
    summary: 'Topics that a connector has used (KIP-558)',
    answers: { 200: ref('ActiveTopics') },
    errors: [403],
  },
  'PUT /connectors/:name/topics/reset': {
    id: 'resetActiveTopics',
    tag: 'topics',
    summary: 'Forgets which topics a connector has used',
    answers: { 202: NONE },
    errors: [403],
  },
  'GET /connectors/:name/offsets': {
    id: 'getOffsets',
    tag: 'offsets',
    summary: 'Offsets of a connector (KIP-875)',
    answers: { 200: ref('ConnectorOffsets') },
    errors: [404],
  },
  'PATCH /connectors/:name/offsets': {
    id: 'alterOffsets',
    tag: 'offsets',
    summary: 'Sets some offsets of a stopped connector; null takes one away',
    body: ref('ConnectorOffsets'),
    answers: { 200: ref('Message') },
    errors: [400, 404, 409],
  },
  'DELETE /connectors/:name/offsets': {
    id: 'resetOffsets',
    tag: 'offsets',
    summary: 'Takes away all offsets of a stopped connector',
    answers: { 200: ref('Message') },
    errors: [400, 404, 409],
  },
  'GET /connector-plugins': {
    id: 'listPlugins',
    tag: 'plugins',
    summary: 'Plugins of the worker',
    query: [
      {
        name: 'connectorsOnly',
        schema: { type: 'boolean', default: true },
        about: 'False: converters, transformations and predicates too (KIP-769)',
      },
    ],
    answers: { 200: listOf(ref('PluginInfo')) },
  },
  'GET /connector-plugins/:plugin/config': {
    id: 'getPluginConfig',
    tag: 'plugins',
    summary: 'Settings of a plugin',
    answers: { 200: listOf(ref('ConfigKeyInfo')) },
    errors: [400, 404],
  },
  'PUT /connector-plugins/:plugin/config/validate': {
    id: 'validateConfig',
    tag: 'plugins',
    summary: 'What is wrong with a configuration, key by key; nothing is created',
    body: ref('ConfigInput'),
    answers: { 200: ref('ConfigInfos') },
    errors: [400],
  },
  'POST /admin/plugins/rescan': {
    id: 'rescanPlugins',
    tag: 'plugins',
    summary: 'Look at plugin.path again: plugins that came are added, nothing that runs is touched',
    answers: { 200: ref('PluginRescan') },
  },
  'GET /admin/loggers': {
    id: 'listLoggers',
    tag: 'loggers',
    summary: 'Loggers with a level of their own (KIP-495)',
    answers: { 200: ref('LoggerLevels') },
  },
  'GET /admin/loggers/:logger': {
    id: 'getLogger',
    tag: 'loggers',
    summary: 'Level of a logger',
    answers: { 200: ref('LoggerLevel') },
    errors: [404],
  },
  'PUT /admin/loggers/:logger': {
    id: 'setLogger',
    tag: 'loggers',
    summary: 'Sets the level of a logger and those below it, on this worker or all (KIP-976)',
    query: [{ name: 'scope', schema: { type: 'string', default: 'worker' }, about: '`worker` or `cluster`' }],
    body: ref('SetLevel'),
    answers: { 200: listOf({ type: 'string' }), 204: NONE },
    errors: [400, 404],
  },
}
