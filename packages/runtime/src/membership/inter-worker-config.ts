// The inter.worker.* keys: how internal requests between workers are signed (KIP-507).
import { between, ConfigException, defineConfig, type InferConfig, satisfies } from '@millrace/api'
import { MAC_NAMES, macAlgorithm } from './mac-algorithms.ts'

const LARGEST_INT = 2 ** 31 - 1
/** Below this Java's key generators refuse, except those of HmacMD5 and HmacSHA1; so few bits protect nothing there either. */
const LEAST_KEY_BITS = 40

const known = satisfies(`any of ${MAC_NAMES.join(', ')}`, (value) => whyUnknown(value as string))
const allKnown = satisfies('one or more of the algorithms of inter.worker.signature.algorithm', (value) => {
  const algorithms = value as readonly string[]
  if (algorithms.length === 0) return 'At least one signature verification algorithm must be provided'
  return algorithms.map(whyUnknown).find((why) => why !== undefined)
})

function whyUnknown(algorithm: string): string | undefined {
  if (macAlgorithm(algorithm) !== undefined) return undefined
  return `the algorithm '${algorithm}' is not supported; supported are ${MAC_NAMES.join(', ')}`
}

export const INTER_WORKER_CONFIG = defineConfig({
  'inter.worker.key.ttl.ms': {
    type: 'int',
    default: 3_600_000,
    importance: 'low',
    doc: 'Age in milliseconds at which the leader replaces the key that internal requests are signed with; 0 for never.',
    validator: between(0, LARGEST_INT),
  },
  'inter.worker.key.generation.algorithm': {
    type: 'string',
    default: 'HmacSHA256',
    importance: 'low',
    doc: 'Algorithm that such keys are made for.',
    validator: known,
  },
  'inter.worker.key.size': {
    type: 'int',
    default: null,
    importance: 'low',
    doc: 'Size of such keys in bits. Unset, the algorithm decides.',
  },
  'inter.worker.signature.algorithm': {
    type: 'string',
    default: 'HmacSHA256',
    importance: 'low',
    doc: 'Algorithm that internal requests are signed with.',
    validator: known,
  },
  'inter.worker.verification.algorithms': {
    type: 'list',
    default: 'HmacSHA256',
    importance: 'low',
    doc: 'Algorithms that other workers may sign with. Must hold inter.worker.signature.algorithm.',
    validator: allKnown,
  },
})
export type InterWorkerConfig = InferConfig<typeof INTER_WORKER_CONFIG>

/** What no single key can tell. @throws ConfigException */
export function checkInterWorkerConfig(config: InterWorkerConfig): void {
  const signature = config['inter.worker.signature.algorithm']
  if (!config['inter.worker.verification.algorithms'].includes(signature)) {
    throw new ConfigException(
      `Invalid value ${signature} for configuration inter.worker.signature.algorithm: Signature algorithm must be present in inter.worker.verification.algorithms list`,
    )
  }
  const bits = config['inter.worker.key.size']
  if (bits !== null && bits < LEAST_KEY_BITS) {
    const algorithm = config['inter.worker.key.generation.algorithm']
    throw new ConfigException(
      `Unable to create key generator with algorithm ${algorithm} and key size ${bits}: Key length must be at least ${LEAST_KEY_BITS} bits`,
    )
  }
}
