// The producer id and epoch under which an idempotent or transactional producer numbers its batches (KIP-98, KIP-360).

/** Epochs are int16; the last is kept for the coordinator's fencing. */
const LAST_EPOCH = 32766

export class ProducerIdentity {
  producerId = -1
  producerEpoch = -1

  get known(): boolean {
    return this.producerId >= 0
  }

  set(producerId: number, producerEpoch: number): void {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
  }

  /** The next epoch of the same id; false when there is none left and a new id is needed: the old one is forgotten. */
  bump(): boolean {
    if (this.producerEpoch >= LAST_EPOCH) {
      this.forget()
      return false
    }
    this.producerEpoch++
    return true
  }

  forget(): void {
    this.producerId = this.producerEpoch = -1
  }
}
