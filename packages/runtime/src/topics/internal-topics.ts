// Makes sure that an internal topic is there and keeps what it must keep: compacted, nothing deleted by age.
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigException, ConnectException, errorMessage, type Logger } from '@millrace/api'
import { type Admin, KafkaException } from '@millrace/kafka'
import type { InternalTopic } from './settings.ts'

/** How long creation is tried again while brokers are missing: `default.api.timeout.ms`. */
const CREATE_WAIT_MS = 60_000
const CREATE_PAUSE_MS = 1_000
/** Errors after which the topic is assumed to exist, or to be made by the broker. */
const NOT_OURS_TO_CREATE: ReadonlySet<string> = new Set([
  'UnsupportedVersionException',
  'ClusterAuthorizationException',
  'TopicAuthorizationException',
])
/** Errors that pass when more brokers are up. */
const MAY_PASS: ReadonlySet<string> = new Set(['InvalidReplicationFactorException', 'TimeoutException'])

/**
 * Creates the topic if it is not there; if it is, sees to it that it is compacted and not also deleted from.
 * @throws ConnectException when it cannot be created, or no broker answers for a minute
 * @throws ConfigException when an existing topic would lose records
 */
export async function ensureInternalTopic(
  admin: Admin,
  topic: InternalTopic,
  log: Logger,
  waitMs: number = CREATE_WAIT_MS,
): Promise<void> {
  const created = await createTopic(admin, topic, log, waitMs)
  if (!created) await requireCompacted(admin, topic, log)
}

/** @throws ConfigException for a config topic with more than one partition: the order of its records would be lost */
export function requireSinglePartition(topic: InternalTopic, partitions: number): void {
  if (partitions <= 1) return
  throw new ConfigException(
    `Topic '${topic.name}' supplied via the '${topic.key}' property is required to have a single partition in order to ` +
      `guarantee consistency of ${topic.purpose}, but found ${partitions} partitions.`,
    { configKey: topic.key },
  )
}

/** @returns true when the topic is new */
async function createTopic(admin: Admin, topic: InternalTopic, log: Logger, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const error = await tryToCreate(admin, topic, Math.max(1, deadline - performance.now()))
    if (error === null) {
      log.info(`Created topic '${topic.name}' (${topic.key})`)
      return true
    }
    if (error.name === 'TopicExistsException') return false
    if (NOT_OURS_TO_CREATE.has(error.name)) {
      log.info(
        `The topic '${topic.name}' (${topic.key}) cannot be created by this worker; it is assumed to exist: ${error.message}`,
      )
      return false
    }
    if (!MAY_PASS.has(error.name) || performance.now() + CREATE_PAUSE_MS >= deadline) throw creationFailed(topic, error)
    log.info(`The topic '${topic.name}' could not be created; it is tried again: ${error.message}`)
    await sleep(CREATE_PAUSE_MS)
  }
}

async function tryToCreate(admin: Admin, topic: InternalTopic, timeoutMs: number): Promise<KafkaException | null> {
  const wanted = {
    name: topic.name,
    numPartitions: topic.partitions,
    replicationFactor: topic.replicationFactor,
    configs: topic.configs,
  }
  try {
    const [outcome] = await admin.createTopics([wanted], { timeoutMs })
    return outcome?.error ?? null
  } catch (error) {
    if (error instanceof KafkaException) return error
    throw error
  }
}

function creationFailed(topic: InternalTopic, error: KafkaException): ConnectException {
  const { name } = topic
  const message =
    error.name === 'TimeoutException'
      ? `Timed out while checking for or creating topic(s) '${name}'. This could indicate a connectivity issue, ` +
        'unavailable topic partitions, or if this is your first use of the topic it may have taken too long to create. ' +
        error.message
      : error.name === 'InvalidConfigurationException'
        ? `Unable to create topic(s) '${name}': ${error.message}`
        : `Error while attempting to create/find topic(s) '${name}': ${error.message}`
  return new ConnectException(message, { cause: error })
}

async function requireCompacted(admin: Admin, topic: InternalTopic, log: Logger): Promise<void> {
  const policies = await cleanupPolicies(admin, topic, log)
  if (policies === null) return
  if (policies.length === 1 && policies[0] === 'compact') return
  const { name, key, purpose } = topic
  throw new ConfigException(
    `Topic '${name}' supplied via the '${key}' property is required to have 'cleanup.policy=compact' to guarantee ` +
      `consistency and durability of ${purpose}, but found the topic currently has 'cleanup.policy=${policies.join(',')}'. ` +
      `Continuing would likely result in eventually losing ${purpose} and problems restarting this Connect cluster in the ` +
      `future. Change the '${key}' property in the Connect worker configurations to use a topic with 'cleanup.policy=compact'.`,
    { configKey: key },
  )
}

/** Null when they cannot be read: by an old broker, or without the permission. */
async function cleanupPolicies(admin: Admin, topic: InternalTopic, log: Logger): Promise<readonly string[] | null> {
  const resource = { type: 'topic', name: topic.name } as const
  let why: string
  try {
    const [described] = await admin.describeConfigs([resource], { keys: ['cleanup.policy'] })
    const value = described?.entries.find((entry) => entry.name === 'cleanup.policy')?.value
    if (value != null) {
      return value
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
        .sort()
    }
    why = described?.error == null ? 'the broker does not tell it' : described.error.message
  } catch (error) {
    if (error instanceof KafkaException && error.name === 'TimeoutException') {
      throw new ConnectException(`The settings of topic '${topic.name}' (${topic.key}) could not be read in time`, {
        cause: error,
      })
    }
    why = errorMessage(error)
  }
  log.info(`Whether the topic '${topic.name}' (${topic.key}) is compacted could not be verified: ${why}`)
  return null
}
