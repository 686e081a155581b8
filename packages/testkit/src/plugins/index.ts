// Plugins that misbehave, for tests of a worker: give this module to its `pluginModules`.
import { definePlugins } from '@millrace/api'

const version = '0.1.0'

/** Faulty source, sink, transformation and converter; a converter of headers; the reference's mock source and sink. */
export const plugins = definePlugins([
  {
    kind: 'source',
    className: 'io.millrace.connect.test.FaultySourceConnector',
    version,
    load: async () => (await import('./faulty-source.ts')).FaultySourceConnector,
  },
  {
    kind: 'sink',
    className: 'io.millrace.connect.test.FaultySinkConnector',
    version,
    load: async () => (await import('./faulty-sink.ts')).FaultySinkConnector,
  },
  {
    kind: 'transformation',
    className: 'io.millrace.connect.test.FaultyTransformation',
    version,
    load: async () => (await import('./faulty-steps.ts')).FaultyTransformation,
  },
  {
    kind: 'converter',
    className: 'io.millrace.connect.test.FaultyConverter',
    version,
    load: async () => (await import('./faulty-steps.ts')).FaultyConverter,
  },
  {
    kind: 'converter',
    className: 'io.millrace.connect.test.MarkingConverter',
    version,
    load: async () => (await import('./marking-converter.ts')).MarkingConverter,
  },
  {
    kind: 'source',
    className: 'org.apache.kafka.connect.tools.MockSourceConnector',
    version,
    load: async () => (await import('./mock.ts')).MockSourceConnector,
  },
  {
    kind: 'sink',
    className: 'org.apache.kafka.connect.tools.MockSinkConnector',
    version,
    load: async () => (await import('./mock.ts')).MockSinkConnector,
  },
])
