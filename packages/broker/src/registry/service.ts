// One registry instance: its topic, its part in the election, and the handler of its requests.
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '@millrace/api'
import { openCluster } from '@millrace/kafka/cluster'
import type { RegistrySettingsRead } from './config.ts'
import type { LanguageLoaders } from './core/languages.ts'
import { RegistryState } from './core/state.ts'
import { Election } from './election/election.ts'
import { exchangeHandler } from './http/exchange.ts'
import { forwardTo } from './http/forward.ts'
import { schemaRoutes } from './http/schema-routes.ts'
import { settingsRoutes } from './http/settings-routes.ts'
import { Registry } from './registry.ts'
import { SchemaLog } from './topic/schema-log.ts'
import { prepareTopic } from './topic/topic-setup.ts'

/** What an instance is started with. */
export interface ServiceOptions {
  readonly settings: RegistrySettingsRead
  /** Where other instances reach this one. */
  readonly address: { readonly scheme: string; readonly host: string; readonly port: number }
  readonly languages: LanguageLoaders
  readonly log: Logger
}

/** A running instance. */
export interface RegistryService {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Whether this instance is the one that writes. */
  readonly isPrimary: boolean
  close(): Promise<void>
}

/** Reads the topic and takes part in the election. @throws ConnectException, KafkaException when Kafka cannot be used */
export async function startService({ settings, address, languages, log }: ServiceOptions): Promise<RegistryService> {
  const { values, clientProps, topicConfigs } = settings
  const topic = values['kafkastore.topic']
  const groupId = values['schema.registry.group.id']
  const initMs = values['kafkastore.init.timeout.ms']
  const cluster = openCluster(clientProps, { log })
  const state = new RegistryState()
  const schemaLog = new SchemaLog({
    topic,
    clientProps,
    timeoutMs: values['kafkastore.timeout.ms'],
    apply: (record, timestamp) => state.apply(record, timestamp),
    log,
  })
  const sessionTimeoutMs = values['kafkagroup.session.timeout.ms']
  const election = new Election({
    cluster,
    groupId,
    identity: { ...address, eligible: settings.eligible },
    sticky: values['leader.election.sticky'],
    sessionTimeoutMs,
    heartbeatIntervalMs: values['kafkagroup.heartbeat.interval.ms'],
    rebalanceTimeoutMs: values['kafkagroup.rebalance.timeout.ms'],
    requestTimeoutMs: Math.max(sessionTimeoutMs, 30_000),
    elected: () => schemaLog.othersMayHaveWritten(),
    log,
  })
  const close = async () => {
    await election.close()
    await schemaLog.close()
    await cluster.close()
  }
  try {
    const replicationFactor = values['kafkastore.topic.replication.factor']
    const wanted = { topic, replicationFactor, configs: topicConfigs }
    const clusterId = await prepareTopic(clientProps, cluster, wanted, log)
    await schemaLog.start(initMs)
    await election.start(initMs)
    // The first write opens connections; a client's first request need not wait for that, nor fail because of it.
    if (election.isPrimary) await schemaLog.catchUp(initMs)
    const registry = new Registry({
      state,
      log: schemaLog,
      languages,
      defaultLevel: settings.level,
      modesMayChange: values['mode.mutability'],
      about: { clusterId, groupId, version: packageVersion(), commitId: '' },
    })
    const readMs = values['leader.read.timeout.ms']
    const handle = exchangeHandler({
      routes: [...schemaRoutes(registry), ...settingsRoutes(registry)],
      unalias: (name) => registry.queries.unalias(name),
      primary: {
        get isPrimary() {
          return election.isPrimary
        },
        get url() {
          return election.otherPrimaryUrl
        },
        nextElection: (ms) => election.next(ms),
        forward: async (url, request, body) => {
          const replaced = new AbortController()
          const unwatch = election.watch(() => {
            if (election.otherPrimaryUrl !== url) replaced.abort(new Error('another primary was elected meanwhile'))
          })
          try {
            return await forwardTo(url, request, body, { timeoutMs: readMs, signal: replaced.signal })
          } finally {
            unwatch()
          }
        },
      },
      log,
    })
    return {
      handle,
      close,
      get isPrimary() {
        return election.isPrimary
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
