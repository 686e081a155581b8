// The transformations and predicates of this package under the reference's class names. Light: code is loaded on first use.
import { definePlugins } from '@millrace/api'
import { apachePlugins } from './apache/plugins.ts'
import { confluentPlugins } from './confluent/plugins.ts'
import { debeziumPlugins } from './debezium/plugins.ts'
import { scriptPlugins } from './script/plugins.ts'

/** All transformations and predicates. */
export const plugins = definePlugins([...apachePlugins, ...confluentPlugins, ...debeziumPlugins, ...scriptPlugins])
