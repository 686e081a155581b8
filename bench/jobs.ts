// The jobs of the contest: what a connector moves, and how its end is seen at the destination.
import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** Where a job finds its input and leaves its output; fresh names for every run. */
export interface JobRun {
  /** Unique in the contest: connector, topic and file names are made from it. */
  readonly id: string
  /** File of JSON lines, `records` of them. */
  readonly input: string
  readonly inputBytes: number
  /** Topic that holds the same lines, one record each, in one partition. */
  readonly inputTopic: string
  readonly records: number
  /** Folder for output files. */
  readonly folder: string
  /** End offset of a topic's partition 0. */
  endOffset(topic: string): Promise<number>
  createTopic(topic: string): Promise<void>
}

/** One job. */
export interface Job {
  readonly name: string
  prepare?(run: JobRun): Promise<void>
  config(run: JobRun): Readonly<Record<string, string>>
  /** Records at the destination so far. */
  arrived(run: JobRun): Promise<number>
}

const STRING = 'org.apache.kafka.connect.storage.StringConverter'
const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

const outputTopic = (run: JobRun) => `out-${run.id}`
const outputFile = (run: JobRun) => `${run.folder}/${run.id}.out`

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** The jobs, in the order in which they are run. */
export const JOBS: readonly Job[] = [
  {
    name: 'file -> Kafka (string)',
    prepare: (run) => run.createTopic(outputTopic(run)),
    config: (run) => ({
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      'tasks.max': '1',
      file: run.input,
      topic: outputTopic(run),
      'key.converter': STRING,
      'value.converter': STRING,
    }),
    arrived: (run) => run.endOffset(outputTopic(run)),
  },
  {
    name: 'Kafka -> file (string)',
    config: (run) => sink(run, STRING, {}),
    arrived: async (run) => (sizeOf(outputFile(run)) / run.inputBytes) * run.records,
  },
  {
    name: 'Kafka (JSON) -> file',
    config: (run) => sink(run, JSON_CONVERTER, { 'value.converter.schemas.enable': 'false' }),
    // The text of a map is not the JSON, but the same lines give the same length each time: the newline count decides.
    arrived: async (run) => countLines(outputFile(run), run.id),
  },
  {
    name: 'Kafka (JSON) -> ReplaceField, InsertField, Cast -> file',
    config: (run) =>
      sink(run, JSON_CONVERTER, {
        'value.converter.schemas.enable': 'false',
        ...transforms(
          ['ReplaceField$Value', { exclude: 'email', renames: 'name:label' }],
          ['InsertField$Value', { 'static.field': 'origin', 'static.value': 'web', 'offset.field': 'offset' }],
          ['Cast$Value', { spec: 'id:string,amount:float32' }],
        ),
      }),
    arrived: async (run) => countLines(outputFile(run), run.id),
  },
  {
    name: 'file -> HoistField, InsertField, ReplaceField -> Kafka (JSON)',
    prepare: (run) => run.createTopic(outputTopic(run)),
    config: (run) => ({
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      'tasks.max': '1',
      file: run.input,
      topic: outputTopic(run),
      'key.converter': STRING,
      'value.converter': JSON_CONVERTER,
      'value.converter.schemas.enable': 'false',
      ...transforms(
        ['HoistField$Value', { field: 'line' }],
        ['InsertField$Value', { 'static.field': 'origin', 'static.value': 'web', 'topic.field': 'topic' }],
        ['ReplaceField$Value', { exclude: 'topic', renames: 'line:text' }],
      ),
    }),
    arrived: (run) => run.endOffset(outputTopic(run)),
  },
]

/** A chain of Apache Connect's transformations. */
function transforms(
  ...stages: readonly (readonly [type: string, config: Readonly<Record<string, string>>])[]
): Readonly<Record<string, string>> {
  const keys = stages.flatMap(([type, config], at) => [
    [`transforms.t${at}.type`, `org.apache.kafka.connect.transforms.${type}`],
    ...Object.entries(config).map(([key, value]) => [`transforms.t${at}.${key}`, value]),
  ])
  return { transforms: stages.map((_, at) => `t${at}`).join(), ...Object.fromEntries(keys) }
}

function sink(
  run: JobRun,
  converter: string,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    'tasks.max': '1',
    topics: run.inputTopic,
    file: outputFile(run),
    'key.converter': STRING,
    'value.converter': converter,
    ...more,
  }
}

const NEWLINE = 10
const counted = new Map<string, { position: number; lines: number }>()
const chunk = Buffer.allocUnsafe(1 << 20)

/** Lines of a growing file, counted onward from where the last call stopped. */
function countLines(file: string, id: string): number {
  const state = counted.get(id) ?? { position: 0, lines: 0 }
  counted.set(id, state)
  if (sizeOf(file) === state.position) return state.lines
  const fd = openSync(file, 'r')
  for (let read = readSync(fd, chunk, 0, chunk.length, state.position); read > 0; ) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0 && at < read; at = chunk.indexOf(NEWLINE, at + 1)) state.lines++
    state.position += read
    read = readSync(fd, chunk, 0, chunk.length, state.position)
  }
  closeSync(fd)
  return state.lines
}
