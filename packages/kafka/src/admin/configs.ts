// Admin calls about configurations: describe, and change single keys (KIP-339).
import type { ClusterClient } from '../cluster/index.ts'
import { DescribeConfigs, IncrementalAlterConfigs, type ResponseOf } from '../protocol/index.ts'
import { type AdminAction, adminError } from './admin-error.ts'
import type { Outcome, Try } from './retry.ts'

const RESOURCE_TYPES = { topic: 2, broker: 4, 'broker-logger': 8, 'client-metrics': 16, group: 32 } as const
const OPERATIONS = { set: 0, delete: 1, append: 2, subtract: 3 } as const
const SOURCES = [
  'unknown',
  'topic',
  'dynamic-broker',
  'dynamic-default-broker',
  'static-broker',
  'default',
  'dynamic-broker-logger',
  'client-metrics',
  'group',
] as const
const DEFAULT_SOURCE = 5

/** What has a configuration. The empty name of a broker stands for the default of all brokers. */
export interface ConfigResource {
  readonly type: keyof typeof RESOURCE_TYPES
  readonly name: string
}

/** One key of a resource. */
export interface ConfigEntry {
  readonly name: string
  /** Null when there is none, or when it is a secret. */
  readonly value: string | null
  readonly source: (typeof SOURCES)[number]
  readonly isDefault: boolean
  readonly isSensitive: boolean
  readonly readOnly: boolean
}

/** A described resource; empty when there is an error. */
export interface ConfigDescription extends Outcome {
  readonly resource: ConfigResource
  readonly entries: readonly ConfigEntry[]
}

/** A change of one key. `append` and `subtract` are for lists; `delete` goes back to the default. */
export interface ConfigChange {
  readonly name: string
  readonly operation: keyof typeof OPERATIONS
  /** Not with `delete`. */
  readonly value?: string
}

/** How something done to a resource ended. */
export interface ConfigOutcome extends Outcome {
  readonly resource: ConfigResource
}

/** A key for maps. */
export function resourceKey(resource: ConfigResource): string {
  return `${resource.type} ${resource.name}`
}

/** One round of description. `keys` null: all of them. */
export async function describeConfigs(
  cluster: ClusterClient,
  resources: readonly ConfigResource[],
  keys: readonly string[] | null,
  { timeoutMs }: Try,
): Promise<ReadonlyMap<string, ConfigDescription>> {
  const found = new Map<string, ConfigDescription>()
  for (const [node, some] of Map.groupBy(resources, nodeOf)) {
    const request = {
      resources: some.map((one) => ({
        resourceType: RESOURCE_TYPES[one.type],
        resourceName: one.name,
        configurationKeys: keys,
      })),
    }
    const answer = await cluster.send(node, DescribeConfigs, request, { timeoutMs })
    for (const result of answer.results) {
      const resource = resourceOf(result, some)
      if (resource === undefined) continue
      const error = adminError(
        result.errorCode,
        action('Describing the configuration of', 'DESCRIBE_CONFIGS', resource),
        result.errorMessage,
      )
      found.set(resourceKey(resource), { resource, entries: result.configs.map(entryOf), error })
    }
  }
  return found
}

/** One round of changes. */
export async function alterConfigs(
  cluster: ClusterClient,
  changes: readonly { readonly resource: ConfigResource; readonly changes: readonly ConfigChange[] }[],
  validateOnly: boolean,
  { timeoutMs }: Try,
): Promise<ReadonlyMap<string, ConfigOutcome>> {
  const found = new Map<string, ConfigOutcome>()
  for (const [node, some] of Map.groupBy(changes, (one) => nodeOf(one.resource))) {
    const request = {
      resources: some.map((one) => ({
        resourceType: RESOURCE_TYPES[one.resource.type],
        resourceName: one.resource.name,
        configs: one.changes.map((change) => ({
          name: change.name,
          configOperation: OPERATIONS[change.operation],
          value: change.value ?? null,
        })),
      })),
      validateOnly,
    }
    const answer = await cluster.send(node, IncrementalAlterConfigs, request, { timeoutMs })
    const resources = some.map((one) => one.resource)
    for (const result of answer.responses) {
      const resource = resourceOf(result, resources)
      if (resource === undefined) continue
      const error = adminError(
        result.errorCode,
        action('Changing the configuration of', 'ALTER_CONFIGS', resource),
        result.errorMessage,
      )
      found.set(resourceKey(resource), { resource, error })
    }
  }
  return found
}

/** The configuration of one broker is known to that broker alone; everything else any broker knows. */
function nodeOf(resource: ConfigResource): number {
  const ofBroker = resource.type === 'broker' || resource.type === 'broker-logger'
  return ofBroker && resource.name !== '' ? Number(resource.name) : -1
}

function resourceOf(
  answer: { readonly resourceType: number; readonly resourceName: string },
  asked: readonly ConfigResource[],
): ConfigResource | undefined {
  return asked.find((one) => RESOURCE_TYPES[one.type] === answer.resourceType && one.name === answer.resourceName)
}

function entryOf(answer: ResponseOf<typeof DescribeConfigs>['results'][number]['configs'][number]): ConfigEntry {
  return {
    name: answer.name,
    value: answer.value,
    source: SOURCES[answer.configSource] ?? 'unknown',
    isDefault: answer.isDefault || answer.configSource === DEFAULT_SOURCE,
    isSensitive: answer.isSensitive,
    readOnly: answer.readOnly,
  }
}

function action(doing: string, operation: string, resource: ConfigResource): AdminAction {
  const kind = resource.type === 'topic' || resource.type === 'group' ? resource.type : 'cluster'
  const named = resource.name === '' ? 'all brokers' : `${resource.type} ${resource.name}`
  return { what: `${doing} ${named}`, operation, resource: kind, name: resource.name }
}
