// Debezium's own exception, and what the JVM throws where Debezium does not look.
import { ConnectException } from '@millrace/api'

/** Debezium's base exception. */
export class DebeziumException extends ConnectException {
  static override readonly className: string = 'io.debezium.DebeziumException'
}

/** A value of another class than expected. */
export class ClassCastException extends ConnectException {
  static override readonly className: string = 'java.lang.ClassCastException'
}

/** A state that must not be: an update of an outbox table. */
export class IllegalStateException extends ConnectException {
  static override readonly className: string = 'java.lang.IllegalStateException'
}

/** A text that is no time. */
export class DateTimeParseException extends ConnectException {
  static override readonly className: string = 'java.time.format.DateTimeParseException'
}
