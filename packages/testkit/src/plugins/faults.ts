// Faults on demand: what a misbehaving plugin does at which call, and the journal by which a test sees every call.
import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException, defineConfig, listOf, oneOf, type RawConfig, RetriableException } from '@millrace/api'

/** Calls at which a fault can be made, in the order of a life. */
export const CALLS = [
  'connector.validate',
  'connector.start',
  'connector.taskConfigs',
  'connector.alterOffsets',
  'connector.stop',
  'task.initialize',
  'task.start',
  'task.open',
  'task.poll',
  'task.put',
  'task.preCommit',
  'task.commit',
  'task.commitRecord',
  'task.close',
  'task.stop',
  'apply',
  'fromConnectData',
  'toConnectData',
] as const
export type Call = (typeof CALLS)[number]

/** Keys that all misbehaving plugins have. */
export const FAULT_CONFIG = defineConfig({
  'fault.at': {
    type: 'list',
    default: [],
    validator: listOf(...CALLS),
    importance: 'high',
    doc: 'Calls at which the fault is made.',
  },
  'fault.kind': {
    type: 'string',
    default: 'none',
    validator: oneOf('none', 'throw', 'retriable', 'block', 'freeze', 'slow', 'exit'),
    importance: 'high',
    doc: 'throw and retriable throw; block never settles; freeze stops the whole thread; slow waits; exit ends the thread or process.',
  },
  'fault.after': { type: 'int', default: 0, importance: 'low', doc: 'How many of these calls go well first.' },
  'fault.times': { type: 'int', default: 0, importance: 'low', doc: 'How many calls fail then; 0 for all.' },
  'fault.ms': { type: 'long', default: 1000, importance: 'low', doc: 'How long slow waits, in milliseconds.' },
  'fault.until.file': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'With block and freeze: go on when this file exists.',
  },
  'events.file': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'File to which every call is appended as a line of JSON, so that a test can wait for it.',
  },
})

/** A line of the journal. */
export interface CallEvent {
  readonly call: Call
  /** Name of the connector, number of the task, undefined for the connector itself. */
  readonly connector: string
  readonly task?: number
  readonly time_ms: number
  /** What the call was about: counts, offsets. */
  readonly detail?: unknown
}

const LOOK_MS = 20

/** The faults of one plugin instance. Counts calls for itself: a new instance begins anew. */
export class Faults {
  readonly #config: ReturnType<typeof FAULT_CONFIG.parse>
  readonly #connector: string
  readonly #task: number | undefined
  readonly #calls = new Map<Call, number>()

  /** @param props of a connector or task; `name` and `task.id` go into the journal */
  constructor(props: RawConfig) {
    this.#config = FAULT_CONFIG.parse(props)
    this.#connector = props.name ?? ''
    this.#task = props['task.id'] == null ? undefined : Number(props['task.id'])
  }

  /** Notes a call, and makes the fault that is due. A promise only when it takes time. */
  at(call: Call, detail?: unknown): void | Promise<void> {
    this.note(call, detail)
    const config = this.#config
    if (config['fault.kind'] === 'none' || !config['fault.at'].includes(call)) return
    const count = (this.#calls.get(call) ?? 0) + 1
    this.#calls.set(call, count)
    const due = count - config['fault.after']
    if (due <= 0 || (config['fault.times'] > 0 && due > config['fault.times'])) return
    return this.#act(call)
  }

  #act(call: Call): void | Promise<void> {
    const message = `A fault was asked for at ${call}`
    switch (this.#config['fault.kind']) {
      case 'throw':
        throw new ConnectException(message)
      case 'retriable':
        throw new RetriableException(message)
      case 'slow':
        return sleep(this.#config['fault.ms'])
      case 'block':
        return this.#block()
      case 'freeze':
        return this.#freeze()
      case 'exit':
        process.exit(1)
    }
  }

  async #block(): Promise<void> {
    while (!this.#isReleased()) await sleep(LOOK_MS, undefined, { ref: false })
  }

  #freeze(): void {
    const never = new Int32Array(new SharedArrayBuffer(4))
    while (!this.#isReleased()) Atomics.wait(never, 0, 0, LOOK_MS)
  }

  #isReleased(): boolean {
    const file = this.#config['fault.until.file']
    return file !== null && existsSync(file)
  }

  /** Notes a call to which no fault is made. */
  note(call: Call, detail: unknown): void {
    const file = this.#config['events.file']
    if (file === null) return
    const event: CallEvent = {
      call,
      connector: this.#connector,
      ...(this.#task !== undefined && { task: this.#task }),
      time_ms: Date.now(),
      ...(detail !== undefined && { detail }),
    }
    appendFileSync(file, `${JSON.stringify(event)}\n`)
  }
}
