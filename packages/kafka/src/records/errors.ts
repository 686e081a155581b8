// What can be wrong with the bytes of a record batch, before it is known where they came from. Readers that know the
// topic, partition and offset catch these and raise the error that names them.
import { KafkaException } from '../errors.ts'

/** Bytes that are not what the format says: a wrong checksum, a length that leads outside, data that does not decompress. */
export class MalformedRecord extends Error {
  override readonly name: string = 'MalformedRecord'
}

/** A compression this process cannot do: an unknown code, an optional package or a newer Node.js that is missing. */
export class UnsupportedCompression extends Error {
  override readonly name: string = 'UnsupportedCompression'
}

/** A message format before version 2, which Kafka 4 no longer has. */
export class UnsupportedFormat extends Error {
  override readonly name: string = 'UnsupportedFormat'
}

/** Where a batch that cannot be read lies. */
export interface RecordPlace {
  readonly topic: string
  readonly partition: number
  /** Offset of the batch, or of the first record wanted of it. */
  readonly offset: number
}

/** A batch whose bytes are damaged. Reading it again from a replica may help; skipping it loses its records. */
export class CorruptRecordException extends KafkaException {
  static override readonly className: string = 'org.apache.kafka.common.errors.CorruptRecordException'
  readonly place: RecordPlace

  constructor(place: RecordPlace, cause: Error) {
    super(
      `The record batch at ${describe(place)} is damaged: ${cause.message}. ` +
        'If it is damaged on every replica, seek past it: its records are lost.',
      { exception: 'CorruptRecordException', cause },
    )
    this.place = place
  }
}

/** A batch compressed in a way that this process cannot undo. The message says what to install. */
export class UnsupportedCompressionTypeException extends KafkaException {
  static override readonly className: string = 'org.apache.kafka.common.errors.UnsupportedCompressionTypeException'
  readonly place: RecordPlace

  constructor(place: RecordPlace, cause: Error) {
    super(`The record batch at ${describe(place)} cannot be decompressed: ${cause.message}`, {
      exception: 'UnsupportedCompressionTypeException',
      cause,
    })
    this.place = place
  }
}

/** A batch in a message format that left Kafka with version 4. */
export class UnsupportedForMessageFormatException extends KafkaException {
  static override readonly className: string = 'org.apache.kafka.common.errors.UnsupportedForMessageFormatException'
  readonly place: RecordPlace

  constructor(place: RecordPlace, cause: Error) {
    super(`The records at ${describe(place)} cannot be read: ${cause.message}`, {
      exception: 'UnsupportedForMessageFormatException',
      cause,
    })
    this.place = place
  }
}

/** The same problem with its place; an error of another kind is a defect here and is passed on as it is. */
export function placed(error: unknown, topic: string, partition: number, offset: number): unknown {
  const place = { topic, partition, offset }
  if (error instanceof MalformedRecord) return new CorruptRecordException(place, error)
  if (error instanceof UnsupportedCompression) return new UnsupportedCompressionTypeException(place, error)
  if (error instanceof UnsupportedFormat) return new UnsupportedForMessageFormatException(place, error)
  return error
}

function describe(place: RecordPlace): string {
  return `${place.topic}-${place.partition} offset ${place.offset}`
}
