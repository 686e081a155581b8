// Plans the work of the generator: records and rate are divided evenly among the tasks.
import {
  type ConfigDef,
  ConfigException,
  type ConfigValue,
  type ConnectorProps,
  fieldOf,
  type PartitionOffset,
  type RawConfig,
  SourceConnector,
  type SourceTask,
  suggest,
  type TaskClass,
} from '@millrace/api'
import { GENERATOR_CONFIG } from './config.ts'
import { checkOffsets } from './offsets.ts'
import { GeneratorSourceTask } from './task.ts'
import { TEMPLATES } from './templates/index.ts'
import { VERSION } from './version.ts'

/** Makes realistic records at a set rate or at full speed. */
export class GeneratorSourceConnector extends SourceConnector {
  readonly config: ConfigDef = GENERATOR_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}

  start(props: ConnectorProps): void {
    const { template, 'key.field': keyField } = GENERATOR_CONFIG.parse(props)
    const problem = keyFieldProblem(template, keyField ?? '')
    if (problem !== undefined) throw new ConfigException(problem, { configKey: 'key.field' })
    this.#props = props
  }

  taskClass(): TaskClass<SourceTask> {
    return GeneratorSourceTask
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    const config = GENERATOR_CONFIG.parse(this.#props)
    const tasks = config.count === 0 ? maxTasks : Math.min(maxTasks, config.count)
    return Array.from({ length: tasks }, (_, task) => ({
      ...this.#props,
      template: config.template,
      'key.field': config['key.field'] ?? TEMPLATES.get(config.template)!.keyField,
      'batch.size': String(config['batch.size']),
      seed: String(config.seed),
      'task.id': String(task),
      'task.step': String(tasks),
      'task.count': String(share(config.count, task, tasks)),
      'task.rate': String(config.rate / tasks),
    }))
  }

  stop(): void {}

  override validate(props: RawConfig): ConfigValue[] {
    const values = this.config.validate(props)
    const template = String(values.find((one) => one.name === 'template')?.value)
    return values.map((one) => {
      const problem = one.name === 'key.field' ? keyFieldProblem(template, String(one.value ?? '')) : undefined
      return problem === undefined ? one : { ...one, errors: [...one.errors, problem] }
    })
  }

  /** Records depend on nothing but seed and number, so the same ones come again after a failure. */
  override exactlyOnceSupport(): 'supported' {
    return 'supported'
  }

  override alterOffsets(_props: ConnectorProps, offsets: readonly PartitionOffset[]): boolean {
    checkOffsets(offsets)
    return true
  }
}

/** What is wrong with a key field, or undefined. An empty one stands for no key. */
export function keyFieldProblem(templateName: string, keyField: string): string | undefined {
  const template = TEMPLATES.get(templateName)
  if (template === undefined || keyField === '' || fieldOf(template.schema, keyField) !== undefined) return undefined
  const names = template.schema.fields.map((field) => field.name)
  const near = suggest(keyField, names)[0]
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  return `The template ${templateName} has no field ${keyField}, only ${names.join(', ')}.${hint}`
}

/** The part of `count` that falls to one task; the first tasks take what is left over. */
function share(count: number, task: number, tasks: number): number {
  return Math.floor(count / tasks) + (task < count % tasks ? 1 : 0)
}
