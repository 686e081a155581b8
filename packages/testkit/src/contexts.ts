// In-memory contexts: what a task is handed by the runtime, for tests of connectors without one.
import {
  type ConnectorProps,
  type ErrantRecordReporter,
  type LogFields,
  type Logger,
  type LogLevel,
  type OffsetMap,
  type OffsetReader,
  type SinkRecord,
  type SinkTaskContext,
  type SourceConnectorContext,
  type SourceRecord,
  type SourceTaskContext,
  silentLogger,
  type TopicPartition,
} from '@millrace/api'

/** Committed source offsets in memory. */
export class MemoryOffsets implements OffsetReader {
  readonly #offsets = new Map<string, OffsetMap>()

  async offset(partition: OffsetMap): Promise<OffsetMap | null> {
    return this.#offsets.get(keyOf(partition)) ?? null
  }
  offsets(partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    return Promise.all(partitions.map((partition) => this.offset(partition)))
  }
  /** Stores an offset; null resets it. */
  set(partition: OffsetMap, offset: OffsetMap | null): this {
    if (offset === null) this.#offsets.delete(keyOf(partition))
    else this.#offsets.set(keyOf(partition), offset)
    return this
  }
  /** Commits the offsets of `records`, as the runtime does once they are safe in Kafka. */
  commit(records: readonly SourceRecord[]): this {
    for (const { sourcePartition, sourceOffset } of records) {
      if (sourcePartition !== null && sourceOffset !== null) this.set(sourcePartition, sourceOffset)
    }
    return this
  }
}

function keyOf(partition: OffsetMap): string {
  const entries = Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(entries, (_key, value) => (typeof value === 'bigint' ? Number(value) : value))
}

/** One line that a plugin logged. */
export interface LoggedLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
}

/** A logger that keeps its lines, for tests of what a plugin says. */
export function memoryLogger(lines: LoggedLine[] = []): Logger & { readonly lines: readonly LoggedLine[] } {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      lines.push({ level, message, fields })
    }
  const logger = {
    lines,
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    isEnabled: () => true,
    child: () => logger,
  }
  return logger
}

export interface ContextOptions {
  readonly configs?: ConnectorProps
  readonly log?: Logger
}

/** A source connector's context; counts the requests for reconfiguration and keeps raised errors. */
export function sourceConnectorContext(options: ContextOptions & { readonly offsets?: OffsetReader } = {}) {
  const asked = { reconfigurations: 0, errors: [] as unknown[] }
  const context: SourceConnectorContext = {
    log: options.log ?? silentLogger,
    offsets: options.offsets ?? new MemoryOffsets(),
    requestTaskReconfiguration: () => {
      asked.reconfigurations++
    },
    raiseError: (error) => {
      asked.errors.push(error)
    },
  }
  return { context, asked }
}

/** A source task's context; `abort` is what the runtime does before it stops a task. */
export function sourceTaskContext(options: ContextOptions & { readonly offsets?: OffsetReader } = {}): {
  context: SourceTaskContext
  abort(): void
} {
  const controller = new AbortController()
  return {
    context: {
      log: options.log ?? silentLogger,
      configs: options.configs ?? {},
      offsets: options.offsets ?? new MemoryOffsets(),
      transaction: null,
      signal: controller.signal,
    },
    abort: () => controller.abort(),
  }
}

/** What a sink task asked of its context. */
export interface SinkRequests {
  rewinds: { topic: string; partition: number; offset: number }[]
  timeouts: number[]
  paused: TopicPartition[]
  resumed: TopicPartition[]
  commits: number
  reported: { record: SinkRecord; error: unknown }[]
}

/** A sink task's context that notes what is asked of it. With `reportErrors` it has an errant record reporter. */
export function sinkTaskContext(
  options: ContextOptions & { readonly assignment?: readonly TopicPartition[]; readonly reportErrors?: boolean } = {},
): { context: SinkTaskContext; asked: SinkRequests; abort(): void } {
  const controller = new AbortController()
  const asked: SinkRequests = { rewinds: [], timeouts: [], paused: [], resumed: [], commits: 0, reported: [] }
  const reporter: ErrantRecordReporter = {
    report: async (record, error) => {
      asked.reported.push({ record, error })
    },
  }
  const context: SinkTaskContext = {
    log: options.log ?? silentLogger,
    configs: options.configs ?? {},
    assignment: options.assignment ?? [],
    signal: controller.signal,
    offset: (topic, partition, offset) => {
      asked.rewinds.push({ topic, partition, offset })
    },
    timeout: (ms) => {
      asked.timeouts.push(ms)
    },
    pause: (...partitions) => {
      asked.paused.push(...partitions)
    },
    resume: (...partitions) => {
      asked.resumed.push(...partitions)
    },
    requestCommit: () => {
      asked.commits++
    },
    errantRecordReporter: options.reportErrors ? reporter : null,
  }
  return { context, asked, abort: () => controller.abort() }
}
