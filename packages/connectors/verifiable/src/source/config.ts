// What the verifiable source can be told.
import { atLeast, defineConfig, type InferConfig, nonEmptyString } from '@millrace/api'

/** Keys of {@link VerifiableSourceConnector}: the reference's, and ours from `count` on. */
export const SOURCE_CONFIG = defineConfig({
  name: { type: 'string', default: '', importance: 'high', doc: 'Name of the connector, told in every line.' },
  id: {
    type: 'int',
    default: 0,
    importance: 'low',
    doc: 'Number of the task: set by the connector for each of its tasks.',
  },
  topic: {
    type: 'string',
    validator: nonEmptyString,
    importance: 'high',
    doc: 'The topic that receives the records.',
  },
  throughput: {
    type: 'long',
    default: -1,
    importance: 'high',
    doc: 'Records a second of each task. Below 0 as many as can be written, with 0 none.',
  },
  'complete.record.data': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Make the value a struct of name, task, topic, time_ms and seqno instead of the sequence number alone.',
  },
  count: {
    type: 'long',
    default: 0,
    validator: atLeast(0),
    importance: 'medium',
    doc: 'Records of each task, over all restarts; then it rests. With 0, there is no end.',
  },
  partitions: {
    type: 'int',
    default: 0,
    validator: atLeast(0),
    importance: 'low',
    doc: 'Send the records of a task to this many partitions of the topic in turn. With 0, the key decides: one partition for each task.',
  },
  file: {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'File to which the lines about sent and acknowledged records are appended. Without it, standard output.',
  },
  'batch.size': {
    type: 'int',
    default: 100,
    validator: atLeast(1),
    importance: 'low',
    doc: 'The most records that one poll returns.',
  },
})

/** Parsed configuration of the verifiable source. */
export type SourceConfig = InferConfig<typeof SOURCE_CONFIG>
