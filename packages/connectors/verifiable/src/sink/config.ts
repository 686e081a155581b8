// What the verifiable sink can be told.
import { atLeast, defineConfig, type InferConfig } from '@millrace/api'

/** Keys of {@link VerifiableSinkConnector}: the reference's, and ours from `file` on. */
export const SINK_CONFIG = defineConfig({
  name: { type: 'string', default: '', importance: 'high', doc: 'Name of the connector, told in every line.' },
  id: {
    type: 'int',
    default: 0,
    importance: 'low',
    doc: 'Number of the task: set by the connector for each of its tasks.',
  },
  file: {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'File to which a line is appended for each record. Without it, standard output.',
  },
  'put.delay.ms': {
    type: 'long',
    default: 0,
    validator: atLeast(0),
    importance: 'low',
    doc: 'A pause in each put of a batch that is not empty, in milliseconds: a system that is slow.',
  },
})

/** Parsed configuration of the verifiable sink. */
export type SinkConfig = InferConfig<typeof SINK_CONFIG>
