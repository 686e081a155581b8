// The two connectors: one task, whose configuration is the connector's own.
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
  type TaskClass,
} from '@millrace/api'
import { checkCommon, historyProblems } from '@millrace/kit-cdc'
import { MYSQL_CONFIG } from './config.ts'
import { readOffset } from './offset.ts'
import { Server } from './server.ts'
import { BinlogTask } from './task.ts'
import { VERSION } from './version.ts'

abstract class BinlogConnector extends SourceConnector {
  readonly config: ConfigDef = MYSQL_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    const config = MYSQL_CONFIG.parse(props)
    if (config['database.server.id'] === 0) {
      throw new ConfigException(
        'database.server.id is required: a number that no other server or replica of the cluster has',
        {
          configKey: 'database.server.id',
        },
      )
    }
    for (const [key, why] of Object.entries(REFUSED)) {
      if ((props[key] ?? '').trim() !== '') throw new ConfigException(`${key}: ${why}`, { configKey: key })
    }
    this.#props = props
  }

  /** A server sends its binlog to one reader in order: there is one task. */
  taskConfigs(): ConnectorProps[] {
    return [this.#props]
  }

  stop(): void {}

  override async validate(props: RawConfig): Promise<ConfigValue[]> {
    const values = checkCommon(this.config.validate(props))
    const problems = conflicts(props)
    if (values.every(({ errors }) => errors.length === 0) && problems.size === 0) {
      const problem = await connectionProblem(props)
      if (problem !== undefined) problems.set('database.hostname', problem)
    }
    return values.map((one) => {
      const problem = problems.get(one.name)
      return problem === undefined ? one : { ...one, errors: [...one.errors, problem] }
    })
  }

  override alterOffsets(_props: ConnectorProps, offsets: readonly PartitionOffset[]): boolean {
    for (const { partition, offset } of offsets) {
      if (typeof partition.server !== 'string') throw new ConfigException("A partition must have the field 'server'")
      if (offset !== null) readOffset(offset)
    }
    return true
  }
}

/** Keys that Debezium has and that would be passed over in silence here. */
const REFUSED: Readonly<Record<string, string>> = {
  converters:
    'Custom converters are classes of Java, which cannot run here: use a transformation instead, and take the key out',
  'post.processors': 'Post-processors are not there: take the key out',
  'database.ssl.keystore':
    'Key stores of Java cannot be read: give PEM files as database.ssl.cert and database.ssl.key',
  'database.ssl.truststore': 'Trust stores of Java cannot be read: give a PEM file as database.ssl.ca',
}

function conflicts(props: RawConfig): Map<string, string> {
  const problems = historyProblems(props as ConnectorProps)
  const given = (key: string) => (props[key] ?? '').trim() !== ''
  if (!given('database.server.id') || Number(props['database.server.id']) === 0) {
    problems.set(
      'database.server.id',
      'A value is required: a number that no other server or replica of the cluster has',
    )
  }
  for (const [key, why] of Object.entries(REFUSED)) if (given(key)) problems.set(key, why)
  return problems
}

async function connectionProblem(props: RawConfig): Promise<string | undefined> {
  try {
    const server = await Server.connect(MYSQL_CONFIG.parse(props))
    server.close()
    return undefined
  } catch (error) {
    return errorMessage(error)
  }
}

class MySqlTask extends BinlogTask {
  static readonly className: string = 'io.debezium.connector.mysql.MySqlConnectorTask'
  readonly kind = 'mysql'
}

class MariaDbTask extends BinlogTask {
  static readonly className: string = 'io.debezium.connector.mariadb.MariaDbConnectorTask'
  readonly kind = 'mariadb'
}

/** Captures changes of a MySQL server. */
export class MySqlConnector extends BinlogConnector {
  taskClass(): TaskClass<SourceTask> {
    return MySqlTask
  }
}

/** Captures changes of a MariaDB server. */
export class MariaDbConnector extends BinlogConnector {
  taskClass(): TaskClass<SourceTask> {
    return MariaDbTask
  }
}
