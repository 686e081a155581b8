// Plans the work: one task, since a slot has one reader.
import {
  type ConfigDef,
  ConfigException,
  type ConfigValue,
  type ConnectorProps,
  errorMessage,
  type PartitionOffset,
  type RawConfig,
  SourceConnector,
  type SourceTask,
  silentLogger,
  type TaskClass,
} from '@millrace/api'
import { checkCommon } from '@millrace/kit-cdc'
import { captureOf } from './capture.ts'
import { POSTGRES_CONFIG } from './config.ts'
import { Connection } from './connection.ts'
import { checkOffsets } from './offset.ts'
import { checkServer } from './server.ts'
import { PostgresConnectorTask } from './task.ts'
import { VERSION } from './version.ts'

/** Captures the changes of a PostgreSQL database. */
export class PostgresConnector extends SourceConnector {
  readonly config: ConfigDef = POSTGRES_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    const config = POSTGRES_CONFIG.parse(props)
    const problem = checked(props).find((one) => one.errors.length > 0)?.errors[0]
    if (problem !== undefined) throw new ConfigException(problem)
    captureOf(config, props, silentLogger)
    this.#props = props
  }

  taskClass(): TaskClass<SourceTask> {
    return PostgresConnectorTask
  }

  taskConfigs(): ConnectorProps[] {
    return [this.#props]
  }

  stop(): void {}

  /** Also connects, when all that is needed for it is there. */
  override async validate(props: RawConfig): Promise<ConfigValue[]> {
    const values = checked(props)
    const problems = new Map<string, string>()
    if (values.every((one) => one.errors.length === 0)) {
      const naming = namingProblem(props)
      if (naming !== null) problems.set('topic.naming.strategy', naming)
      const problem = await connectionProblem(props)
      if (problem !== null) problems.set('database.hostname', problem)
    }
    return values.map((one) => {
      const problem = problems.get(one.name)
      return problem === undefined ? one : { ...one, errors: [...one.errors, problem] }
    })
  }

  /** Positions are stored with the records, and a stored one is gone on from exactly. */
  override exactlyOnceSupport(): 'supported' {
    return 'supported'
  }

  override alterOffsets(_props: ConnectorProps, offsets: readonly PartitionOffset[]): boolean {
    checkOffsets(offsets)
    return true
  }
}

async function connectionProblem(props: RawConfig): Promise<string | null> {
  try {
    const config = POSTGRES_CONFIG.parse(props as ConnectorProps)
    const connection = await Connection.open(config, 'Debezium Validate')
    try {
      await checkServer(connection.ask, config, silentLogger)
      return null
    } finally {
      await connection.close()
    }
  } catch (error) {
    return errorMessage(error)
  }
}

/** What single keys say, and what concerns several. */
function checked(props: RawConfig): ConfigValue[] {
  const message = 'message.prefix.exclude.list'
  const sink = 'notification.sink.topic.name'
  const lacksTopic = /sink/.test(props['notification.enabled.channels'] ?? '') && !isGiven(props[sink])
  const both = isGiven(props['message.prefix.include.list']) && isGiven(props[message])
  const problem = (name: string): string | undefined => {
    if (both && name === message) return "'message.prefix.include.list' is set already: only one of the two can be"
    if (lacksTopic && name === sink) return 'A topic is needed for the channel sink of notification.enabled.channels'
    return undefined
  }
  return checkCommon(POSTGRES_CONFIG.validate(props)).map((one) => {
    const text = problem(one.name)
    return text === undefined ? one : { ...one, errors: [...one.errors, text] }
  })
}

/** What is wrong with masks, hashes and the naming strategy, whose keys have parts of their own. */
function namingProblem(props: RawConfig): string | null {
  try {
    captureOf(POSTGRES_CONFIG.parse(props), props as ConnectorProps, silentLogger)
    return null
  } catch (error) {
    return errorMessage(error)
  }
}

function isGiven(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}
