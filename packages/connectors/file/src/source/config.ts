// What the file source can be told.
import { atLeast, defineConfig, type InferConfig, nonEmptyString } from '@millrace/api'
import { READ_BYTES } from './reader.ts'

/** Keys of {@link FileStreamSourceConnector}. The set shown to users is the reference's, exactly. */
export const SOURCE_CONFIG = defineConfig({
  file: {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'Path of the file to read. Without it, standard input is read, and no offsets are kept.',
  },
  topic: {
    type: 'string',
    validator: nonEmptyString,
    importance: 'high',
    doc: 'The topic that receives the lines.',
  },
  'batch.size': {
    type: 'int',
    default: 2000,
    validator: atLeast(1),
    importance: 'low',
    doc: 'The most records that one poll returns.',
  },
  'max.line.bytes': {
    type: 'int',
    default: 16_777_216,
    // Shorter lines are found whole in one piece, and are not measured.
    validator: atLeast(READ_BYTES),
    importance: 'low',
    doc: 'The longest line, in bytes, that is accepted; a longer one fails the task. Bounds the memory of the reader.',
    // The reference's checks compare the exact set of keys it shows, so an addition stays out of REST answers.
    internal: true,
  },
})

/** Parsed configuration of the file source. */
export type SourceConfig = InferConfig<typeof SOURCE_CONFIG>

/** The only key of a source partition: the file's path, as configured. */
export const FILENAME_FIELD = 'filename'
/** The only key of a source offset: the position after the line, in bytes. */
export const POSITION_FIELD = 'position'
