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
import { POSTGRES_CONFIG, unsupportedKeys } from './config.ts'
import { Connection } from './connection.ts'
import { checkOffsets } from './offset.ts'
import { checkServer } from './server.ts'
import { PostgresConnectorTask } from './task.ts'
import { VERSION } from './version.ts'

const ALTERNATIVES = ['schema', 'table', 'column', 'message.prefix'] as const

/** Captures the changes of a PostgreSQL database. */
export class PostgresConnector extends SourceConnector {
  readonly config: ConfigDef = POSTGRES_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    POSTGRES_CONFIG.parse(props)
    const problem = unsupportedProblem(props)
    if (problem !== null) throw new ConfigException(problem)
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
    const values = this.config.validate(props)
    const problems = new Map<string, string>()
    const unsupported = unsupportedProblem(props)
    if (unsupported !== null) problems.set('column.exclude.list', unsupported)
    for (const what of ALTERNATIVES) {
      if (isGiven(props[`${what}.include.list`]) && isGiven(props[`${what}.exclude.list`])) {
        problems.set(`${what}.exclude.list`, `'${what}.include.list' is set already: only one of the two can be`)
      }
    }
    if (values.every((one) => one.errors.length === 0) && problems.size === 0) {
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

/** Masks that were ignored in silence would give away what they hide. */
function unsupportedProblem(props: RawConfig): string | null {
  const keys = unsupportedKeys(props)
  return keys.length === 0
    ? null
    : `Not supported here: ${keys.join(', ')}. Leave the columns out by column.exclude.list, or use a transformation`
}

function isGiven(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}
