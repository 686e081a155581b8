// Debezium's transformations under their class names.
import type { AnyPluginDescriptor, Transformation } from '@millrace/api'
import { VERSION } from '../version.ts'

const PACKAGE = 'io.debezium.transforms'
const TYPES: Readonly<Record<string, () => Promise<new () => Transformation>>> = {
  ByLogicalTableRouter: async () => (await import('./by-logical-table-router.ts')).ByLogicalTableRouter,
  ExtractNewRecordState: async () => (await import('./extract-new-record-state.ts')).ExtractNewRecordState,
  SchemaChangeEventFilter: async () => (await import('./schema-change-event-filter.ts')).SchemaChangeEventFilter,
  'outbox.EventRouter': async () => (await import('./event-router.ts')).EventRouter,
}

/** All of them. */
export const debeziumPlugins: readonly AnyPluginDescriptor[] = Object.entries(TYPES).map(([name, load]) => ({
  kind: 'transformation',
  className: `${PACKAGE}.${name}`,
  version: VERSION,
  load,
}))
