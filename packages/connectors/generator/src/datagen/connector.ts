// The generator under the name and keys of Datagen: a configuration made for that works here.
import {
  type ConfigDef,
  ConfigException,
  type ConfigValue,
  type ConnectorProps,
  type PartitionOffset,
  type RawConfig,
  SourceConnector,
  type SourceTask,
  type TaskClass,
} from '@millrace/api'
import { keyFieldProblem } from '../connector.ts'
import { checkOffsets } from '../offsets.ts'
import { GeneratorSourceTask } from '../task.ts'
import { TEMPLATES } from '../templates/index.ts'
import { VERSION } from '../version.ts'
import { DATAGEN_CONFIG } from './config.ts'

/** Task ids are this far apart in the seed, so that no two tasks make the same random values. */
const SEED_STEP = 1_000_003
const FULL_SPEED_BATCH = 1_000

class DatagenTask extends GeneratorSourceTask {
  static override readonly className = 'io.confluent.kafka.connect.datagen.DatagenTask'
}

/** Makes records after a quickstart, one at a time with random pauses. */
export class DatagenConnector extends SourceConnector {
  readonly config: ConfigDef = DATAGEN_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    const problem = this.validate(props).find((one) => one.errors.length > 0)
    if (problem !== undefined) throw new ConfigException(problem.errors.join('\n'), { configKey: problem.name })
    this.#props = props
  }

  taskClass(): TaskClass<SourceTask> {
    return DatagenTask
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    const config = DATAGEN_CONFIG.parse(this.#props)
    const template = config.quickstart.toLowerCase()
    const keyField = config['schema.keyfield'] || TEMPLATES.get(template)!.keyField
    const seed = config['random.seed'] ?? 0
    return Array.from({ length: maxTasks }, (_, task) => ({
      ...this.#props,
      topic: config['kafka.topic'],
      template,
      'key.field': keyField,
      'batch.size': String(FULL_SPEED_BATCH),
      seed: String(seed + task * SEED_STEP),
      'task.id': String(task),
      // Each task counts from 0, as in Datagen.
      'task.step': '1',
      'task.count': String(Math.max(0, config.iterations)),
      'task.rate': '0',
      'task.max.interval': String(Math.max(0, config['max.interval'])),
      'task.headers': 'true',
      'task.fail.at.end': 'true',
    }))
  }

  stop(): void {}

  override validate(props: RawConfig): ConfigValue[] {
    const values = this.config.validate(props)
    const textOf = (name: string) => String(values.find((one) => one.name === name)?.value ?? '')
    const quickstart = textOf('quickstart').toLowerCase()
    const isUnset = quickstart === '' && textOf('schema.string') === '' && textOf('schema.filename') === ''
    const problems: Readonly<Record<string, string | undefined>> = {
      quickstart: isUnset ? 'Set quickstart to the name of a template' : undefined,
      'schema.keyfield': keyFieldProblem(quickstart, textOf('schema.keyfield')),
    }
    return values.map((one) => {
      const problem = problems[one.name]
      return problem === undefined ? one : { ...one, errors: [...one.errors, problem] }
    })
  }

  override exactlyOnceSupport(): 'supported' {
    return 'supported'
  }

  override alterOffsets(_props: ConnectorProps, offsets: readonly PartitionOffset[]): boolean {
    checkOffsets(offsets)
    return true
  }
}
