// Confluent's transformations under their class names.
import type { AnyPluginDescriptor, Transformation } from '@millrace/api'
import { VERSION } from '../version.ts'

type Load = () => Promise<new () => Transformation>
const PACKAGE = 'io.confluent.connect.transforms'
const bound = (type: unknown, side: string) => (type as { bind(...args: unknown[]): unknown }).bind(null, side)

/** Of the key or of the value. */
const SIDED: Readonly<Record<string, () => Promise<unknown>>> = {
  Drop: async () => (await import('./drop.ts')).Drop,
  ExtractTopic: async () => (await import('./extract-topic.ts')).ExtractTopic,
  Filter: async () => (await import('./filter.ts')).ConditionFilter,
  GzipDecompress: async () => (await import('./gzip-decompress.ts')).GzipDecompress,
  ReplaceField: async () => (await import('./replace-field.ts')).NestedReplaceField,
}
const WHOLE: Readonly<Record<string, Load>> = {
  [`${PACKAGE}.ExtractTopic$Header`]: async () =>
    bound((await import('./extract-topic.ts')).ExtractTopic, 'header') as new () => Transformation,
  [`${PACKAGE}.MessageTimestampRouter`]: async () =>
    (await import('./message-timestamp-router.ts')).MessageTimestampRouter,
  [`${PACKAGE}.TombstoneHandler`]: async () => (await import('./tombstone-handler.ts')).TombstoneHandler,
  'io.confluent.connect.cloud.transforms.TopicRegexRouter': async () =>
    (await import('./topic-regex-router.ts')).TopicRegexRouter,
}

/** All of them. */
export const confluentPlugins: readonly AnyPluginDescriptor[] = [
  ...Object.entries(SIDED).flatMap(([name, load]) =>
    (['Key', 'Value'] as const).map((side) =>
      plugin(
        `${PACKAGE}.${name}$${side}`,
        async () => bound(await load(), side.toLowerCase()) as new () => Transformation,
      ),
    ),
  ),
  ...Object.entries(WHOLE).map(([className, load]) => plugin(className, load)),
]

function plugin(className: string, load: Load): AnyPluginDescriptor {
  return { kind: 'transformation', className, version: VERSION, load }
}
