// `catalog.json` in the data folder: the identity of the cluster, its topics and their settings. Rewritten in one step at every
// change, so that it is always whole.

import fs from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../storage/file-io.ts'

/** One topic as it is stored. */
export interface StoredTopic {
  readonly name: string
  /** 16 bytes in URL-safe base64, as Kafka prints them. */
  readonly id: string
  readonly partitions: number
  readonly config: Readonly<Record<string, string>>
}

/** All that is stored. */
export interface Catalog {
  readonly version: 1
  readonly clusterId: string
  /** How often the data folder was started, from 0: the leader epoch of all partitions. */
  readonly epoch: number
  /** First producer id that was never handed out. */
  readonly nextProducerId: number
  readonly brokerConfig: Readonly<Record<string, string>>
  readonly topics: readonly StoredTopic[]
}

const FILE = 'catalog.json'

/**
 * Reads the catalog; undefined when the folder is new.
 * @throws Error when the file is there and cannot be understood: guessing would hide topics
 */
export function readCatalog(directory: string): Catalog | undefined {
  const path = join(directory, FILE)
  let text: string
  try {
    text = fs.readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`cannot read ${path}`, { cause: error })
  }
  try {
    const catalog = JSON.parse(text) as Catalog
    if (catalog.version !== 1) throw new Error(`version ${String(catalog.version)} is not known to this broker`)
    return catalog
  } catch (error) {
    throw new Error(
      `${path} is not a broker catalog (${error instanceof Error ? error.message : String(error)}); ` +
        'start with another data folder, or delete this one to begin anew',
      { cause: error },
    )
  }
}

export function writeCatalog(directory: string, catalog: Catalog): void {
  replaceFile(join(directory, FILE), `${JSON.stringify(catalog, null, 1)}\n`)
}
