// What the file sink can be told.
import { defineConfig, type InferConfig } from '@millrace/api'

/** Keys of {@link FileStreamSinkConnector}. */
export const SINK_CONFIG = defineConfig({
  file: {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'Path of the file to append to; it is created when missing. Without it, standard output is written.',
  },
})

/** Parsed configuration of the file sink. */
export type SinkConfig = InferConfig<typeof SINK_CONFIG>
