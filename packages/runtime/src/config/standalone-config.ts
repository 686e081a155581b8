// Configuration of a standalone worker.
import { defineConfig, type InferConfig } from '@millrace/api'
import { WORKER_CONFIG } from './worker-config.ts'

/** All keys of a standalone worker. */
export const STANDALONE_CONFIG = WORKER_CONFIG.merge(
  defineConfig({
    'offset.storage.file.filename': {
      type: 'string',
      importance: 'high',
      doc: 'File in which the offsets of source connectors are kept. See docs/standalone-offsets.md.',
    },
  }),
)
export type StandaloneConfig = InferConfig<typeof STANDALONE_CONFIG>
