// Rounds of records over all partitions of a topic, and who has read them: nothing may be missing at the end of a round.
import type { ClusterClient } from '../../cluster/index.ts'
import type { Consumer } from '../consumer.ts'
import { pollOnce } from './consumers.ts'
import type { JavaConsumer } from './java-consumer.ts'
import { values, write } from './records.ts'

const PER_PARTITION = 20
const LIMIT_MS = 60_000

export class Rounds {
  readonly #cluster: ClusterClient
  readonly #topic: string
  readonly #partitions: number
  readonly #written: string[] = []
  readonly #seen = new Set<string>()
  #count = 0
  /** Members that are polled in turn. */
  ours: Consumer[] = []
  java: JavaConsumer[] = []

  constructor(cluster: ClusterClient, topic: string, partitions: number) {
    this.#cluster = cluster
    this.#topic = topic
    this.#partitions = partitions
  }

  /** Polls until each of ours has its number of partitions. @throws Error after a minute */
  async shared(...counts: readonly number[]): Promise<void> {
    const have = () => this.ours.map((one) => one.assignment().length)
    await this.#poll(
      () => have().join() === counts.join(),
      () => `ours have ${have()} partitions, not ${counts}`,
    )
  }

  /** Writes a round and polls until somebody read every record. @throws Error after a minute */
  async round(): Promise<void> {
    const round = this.#count++
    for (let partition = 0; partition < this.#partitions; partition++) {
      const records = values(`r${round}-`, PER_PARTITION)
      await write(this.#cluster, this.#topic, partition, records)
      this.#written.push(...records.map((one) => `${partition} ${String(one.value)}`))
    }
    await this.#poll(
      () => this.#missing().length === 0,
      () => `${this.#missing().length} records are missed, such as ${this.#missing()[0]}`,
    )
  }

  #missing(): string[] {
    for (const java of this.java) {
      for (const line of java.lines()) this.#seen.add(line.slice('Partition:'.length).replace('\t', ' '))
    }
    return this.#written.filter((one) => !this.#seen.has(one))
  }

  async #poll(done: () => boolean, what: () => string): Promise<void> {
    const deadline = performance.now() + LIMIT_MS
    while (!done()) {
      if (performance.now() > deadline) throw new Error(what())
      for (const one of this.ours) {
        for (const { partition, value } of await pollOnce(one, 20)) this.#seen.add(`${partition} ${value}`)
      }
    }
  }
}
