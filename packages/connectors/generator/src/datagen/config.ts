// Datagen's keys, as its users know them.
import { defineConfig, satisfies, suggest } from '@millrace/api'
import { TEMPLATES } from '../templates/index.ts'

const NO_SCHEMAS = 'Schemas of your own are not supported; set quickstart to the name of a template'
const noSchema = satisfies('empty', (value) => (value === '' ? undefined : NO_SCHEMAS))

const quickstart = satisfies(`one of ${[...TEMPLATES.keys()].join(', ')}`, (value) => {
  const name = String(value).toLowerCase()
  if (name === '' || TEMPLATES.has(name)) return undefined
  const near = suggest(name, TEMPLATES.keys())
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
  return `quickstart must be one out of ${[...TEMPLATES.keys()].join(',')}.${hint}`
})

/** Keys of {@link DatagenConnector}. */
export const DATAGEN_CONFIG = defineConfig({
  'kafka.topic': { type: 'string', importance: 'high', doc: 'The topic that receives the records.' },
  'max.interval': {
    type: 'long',
    default: 500,
    importance: 'high',
    doc: 'Before each record there is a random pause of at most this many milliseconds. With 0 or less there is none.',
  },
  iterations: {
    type: 'int',
    default: -1,
    importance: 'high',
    doc: 'Records of each task; then the task fails, as in Datagen. Less than 1 for no end.',
  },
  'schema.string': {
    type: 'string',
    default: '',
    validator: noSchema,
    importance: 'high',
    doc: 'An Avro schema to make records by. Not supported here.',
  },
  'schema.filename': {
    type: 'string',
    default: '',
    validator: noSchema,
    importance: 'high',
    doc: 'A file with an Avro schema to make records by. Not supported here.',
  },
  'schema.keyfield': {
    type: 'string',
    default: '',
    importance: 'high',
    doc: "The field of the value that is the record's key; by default the one of the quickstart.",
  },
  quickstart: {
    type: 'string',
    default: '',
    validator: quickstart,
    importance: 'high',
    doc: 'The kind of records to make. Upper and lower case are the same.',
  },
  'random.seed': {
    type: 'long',
    default: null,
    importance: 'low',
    doc: 'Where the random values begin: the same seed gives the same records. Each task makes others than the next.',
  },
})
