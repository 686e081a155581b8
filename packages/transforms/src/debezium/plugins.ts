// Debezium's transformations under their class names.
import type { AnyPluginDescriptor, Transformation } from '@millrace/api'
import { VERSION } from '../version.ts'

const PACKAGE = 'io.debezium.transforms'
const TYPES: Readonly<Record<string, () => Promise<new () => Transformation>>> = {
  ByLogicalTableRouter: async () => (await import('./by-logical-table-router.ts')).ByLogicalTableRouter,
  ExtractNewRecordState: async () => (await import('./extract-new-record-state.ts')).ExtractNewRecordState,
  ExtractSchemaToNewRecord: async () => (await import('./extract-schema-to-new-record.ts')).ExtractSchemaToNewRecord,
  HeaderToValue: async () => (await import('./header-to-value.ts')).HeaderToValue,
  'partitions.PartitionRouting': async () => (await import('./partition-routing.ts')).PartitionRouting,
  SchemaChangeEventFilter: async () => (await import('./schema-change-event-filter.ts')).SchemaChangeEventFilter,
  TimezoneConverter: async () => (await import('./timezone-converter.ts')).TimezoneConverter,
  'outbox.EventRouter': async () => (await import('./event-router.ts')).EventRouter,
}

/** Those with an expression in their configuration. */
const SCRIPTING: typeof TYPES = {
  ContentBasedRouter: async () => (await import('./scripting/content-based-router.ts')).ContentBasedRouter,
  Filter: async () => (await import('./scripting/filter.ts')).Filter,
}

/** All of them. */
export const debeziumPlugins: readonly AnyPluginDescriptor[] = [
  ...Object.entries(TYPES).map(([name, load]) => plugin(name, load)),
  ...Object.entries(SCRIPTING).map(([name, load]) => ({ ...plugin(name, load), runsConfiguredCode: true })),
]

function plugin(name: string, load: () => Promise<new () => Transformation>) {
  return { kind: 'transformation', className: `${PACKAGE}.${name}`, version: VERSION, load } as const
}
