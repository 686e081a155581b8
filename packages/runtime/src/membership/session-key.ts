// The key that all workers of a cluster sign their internal requests with. The leader makes it, the config topic spreads it.
import { randomBytes } from 'node:crypto'
import type { SessionKey } from '../topics/config-topic/cluster-config-state.ts'
import type { InterWorkerConfig } from './inter-worker-config.ts'
import { macAlgorithm } from './mac-algorithms.ts'

/** What this worker's configuration says of keys. */
export type KeySettings = Pick<
  InterWorkerConfig,
  'inter.worker.key.generation.algorithm' | 'inter.worker.key.size' | 'inter.worker.key.ttl.ms'
>

/** A new key by the configuration of this worker. */
export function createSessionKey(settings: KeySettings, now: number): SessionKey {
  return {
    key: randomBytes(keyBytes(settings)),
    algorithm: settings['inter.worker.key.generation.algorithm'],
    creationTimestamp: now,
  }
}

/** When a key is to be replaced, in milliseconds since the epoch; Infinity for never. Look at {@link whyNewKey} then. */
export function keyExpiresAt(key: SessionKey, settings: KeySettings): number {
  const ttlMs = settings['inter.worker.key.ttl.ms']
  return ttlMs > 0 ? key.creationTimestamp + ttlMs : Number.POSITIVE_INFINITY
}

/**
 * Why the leader of a sessioned group must make a new key now and write it to the config topic; undefined when the one in
 * use is good. Followers never make one. Forget nothing on failure: the next look gives the same answer.
 */
export function whyNewKey(key: SessionKey | null, settings: KeySettings, now: number): string | undefined {
  if (key === null) return 'no session key has been distributed yet'
  if (keyExpiresAt(key, settings) <= now) return 'the session key has expired'
  const sameKind = key.algorithm === settings['inter.worker.key.generation.algorithm']
  if (sameKind && key.key.length === keyBytes(settings)) return undefined
  return 'the session key is of another algorithm or size than this worker is configured for'
}

function keyBytes(settings: KeySettings): number {
  const bits = settings['inter.worker.key.size']
  return bits === null
    ? (macAlgorithm(settings['inter.worker.key.generation.algorithm'])?.keyBytes ?? 32)
    : Math.ceil(bits / 8)
}
