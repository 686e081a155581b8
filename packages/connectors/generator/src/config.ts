// What the generator can be told.
import { atLeast, type ConfigKeySpec, defineConfig, type InferConfig, nonEmptyString, oneOf } from '@millrace/api'
import { TEMPLATES } from './templates/index.ts'

/** Keys of {@link GeneratorSourceConnector}. */
export const GENERATOR_CONFIG = defineConfig({
  topic: {
    type: 'string',
    validator: nonEmptyString,
    importance: 'high',
    doc: 'The topic that receives the records.',
  },
  template: {
    type: 'string',
    default: 'orders',
    validator: oneOf(...TEMPLATES.keys()),
    importance: 'high',
    doc: 'The kind of records to make.',
  },
  rate: {
    type: 'double',
    default: 0,
    validator: atLeast(0),
    importance: 'high',
    doc: 'Records a second, over all tasks. With 0, as many as can be written.',
  },
  count: {
    type: 'long',
    default: 0,
    validator: atLeast(0),
    importance: 'medium',
    doc: 'Records to make, over all tasks and restarts; then the connector rests. With 0, there is no end.',
  },
  seed: {
    type: 'long',
    default: 1,
    importance: 'low',
    doc: 'Where the random values begin: the same seed and number of tasks give the same records.',
  },
  'key.field': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: "The field of the value that is the record's key, by default the one that names the record in its template. Empty for no key.",
  },
  'batch.size': {
    type: 'int',
    default: 1000,
    validator: atLeast(1),
    importance: 'low',
    doc: 'The most records that one poll returns.',
  },
})

const text = { type: 'string', importance: 'low', doc: 'Set by the connector for its task.' } as const
const number = {
  type: 'long',
  importance: 'low',
  doc: 'Set by the connector for its task.',
} as const satisfies ConfigKeySpec

/** What a task is told by its connector, whichever of the two it is. */
export const TASK_CONFIG = defineConfig({
  topic: text,
  template: text,
  'key.field': { ...text, default: '' },
  'batch.size': { ...number, type: 'int' },
  seed: number,
  /** Number of the task, from 0, and how many there are: the task makes every so manyth record. */
  'task.id': { ...number, type: 'int' },
  'task.step': { ...number, type: 'int' },
  /** Records of this task, 0 without end. */
  'task.count': number,
  /** Records a second of this task, 0 for full speed. */
  'task.rate': { ...number, type: 'double' },
  /** Longest random pause before each record, in ms; above 0, a poll returns one record. */
  'task.max.interval': { ...number, default: 0 },
  /** Whether records carry Datagen's headers, and whether the end of the count is a failure. */
  'task.headers': { ...number, type: 'boolean', default: false },
  'task.fail.at.end': { ...number, type: 'boolean', default: false },
})

/** Parsed configuration of a generator task. */
export type TaskConfig = InferConfig<typeof TASK_CONFIG>
