// Makes the records of one task.
import {
  ConnectException,
  type ConnectorProps,
  fieldOf,
  Headers,
  type MaybePromise,
  type OffsetMap,
  type Schema,
  Schemas,
  SourceRecord,
  SourceTask,
} from '@millrace/api'
import { TASK_CONFIG, type TaskConfig } from './config.ts'
import { GENERATION, ITERATION, resumePoint, SEED, TASK_ID } from './offsets.ts'
import { Pace } from './pace.ts'
import { Random } from './random.ts'
import { TEMPLATES, type Template } from './templates/index.ts'
import { VERSION } from './version.ts'

/** The longest that a poll waits, ms. */
const MOST_WAIT_MS = 500

/** Makes every so manyth record of a template; resumes at the number of the record after the last committed one. */
export class GeneratorSourceTask extends SourceTask {
  static readonly className: string = 'io.millrace.connect.generator.GeneratorSourceTask'
  readonly version = VERSION
  #config!: TaskConfig
  #template!: Template
  #keySchema: Schema | null = null
  #partition!: OffsetMap
  #random!: Random
  #pace: Pace | null = null
  /** How many records this task has made in all its lives. */
  #made = 0
  #generation = 0

  async start(props: ConnectorProps): Promise<void> {
    const config = (this.#config = TASK_CONFIG.parse(props))
    const template = TEMPLATES.get(config.template)
    if (template === undefined) throw new ConnectException(`There is no template ${config.template}`)
    this.#template = template
    this.#keySchema = fieldOf(template.schema, config['key.field'])?.schema ?? null
    this.#partition = Object.freeze({ [TASK_ID]: config['task.id'] })
    this.#random = new Random(config.seed)
    const { iteration, generation } = resumePoint(await this.context.offsets.offset(this.#partition))
    this.#made = iteration
    this.#generation = generation
    this.#pace = config['task.rate'] > 0 ? new Pace(config['task.rate'], performance.now()) : null
  }

  poll(): MaybePromise<SourceRecord[] | null> {
    const config = this.#config
    const left = config['task.count'] > 0 ? config['task.count'] - this.#made : Number.POSITIVE_INFINITY
    if (left <= 0) return this.#atEnd()
    if (config['task.max.interval'] > 0) return this.#afterPause(config['task.max.interval'] * Math.random())
    const most = Math.min(config['batch.size'], left)
    const now = this.#pace === null ? most : this.#pace.take(most, performance.now())
    return now > 0 ? this.#records(now) : this.#afterWait(most, this.#pace!)
  }

  stop(): void {}

  #records(count: number): SourceRecord[] {
    const {
      topic,
      seed,
      'key.field': keyField,
      'task.id': task,
      'task.step': step,
      'task.headers': headers,
    } = this.#config
    const { schema, make } = this.#template
    const nextGeneration = this.#generation + 1
    const records = new Array<SourceRecord>(count)
    for (let i = 0; i < count; i++) {
      const made = this.#made + i
      const index = made * step + task
      const value = make(this.#random.at(index), index)
      records[i] = new SourceRecord({
        sourcePartition: this.#partition,
        sourceOffset: { [GENERATION]: nextGeneration, [ITERATION]: made + 1, [SEED]: seed },
        topic,
        keySchema: this.#keySchema,
        key: this.#keySchema === null ? null : value[keyField],
        valueSchema: schema,
        value,
        headers: headers ? this.#headers(made) : null,
      })
    }
    this.#made += count
    return records
  }

  #headers(made: number): Headers {
    return new Headers([
      { key: GENERATION, schema: Schemas.INT64, value: this.#generation },
      { key: TASK_ID, schema: Schemas.INT64, value: this.#config['task.id'] },
      { key: ITERATION, schema: Schemas.INT64, value: made },
    ])
  }

  async #afterWait(most: number, pace: Pace): Promise<SourceRecord[] | null> {
    await this.#wait(pace.waitMs)
    const now = pace.take(most, performance.now())
    return now > 0 && !this.context.signal.aborted ? this.#records(now) : null
  }

  async #afterPause(ms: number): Promise<SourceRecord[] | null> {
    await this.#wait(ms)
    return this.context.signal.aborted ? null : this.#records(1)
  }

  async #atEnd(): Promise<null> {
    if (this.#config['task.fail.at.end']) {
      throw new ConnectException(`Stopping connector: generated the configured ${this.#made} number of messages`)
    }
    await this.#wait(MOST_WAIT_MS)
    return null
  }

  /** Waits for `ms`, a second at most, or until the task is to stop. */
  #wait(ms: number): Promise<void> {
    const { signal } = this.context
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, Math.min(ms, MOST_WAIT_MS))
      signal.addEventListener('abort', done)
    })
  }
}
