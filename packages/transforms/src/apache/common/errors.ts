// Failures that are Java's own exceptions in the reference: same class names, texts that say what to do.
import { ConnectException } from '@millrace/api'

/** An argument that cannot be used, as an unknown field's name. */
export class IllegalArgumentException extends ConnectException {
  static override readonly className: string = 'java.lang.IllegalArgumentException'
}

/** A group of a regular expression that is not there. */
export class IndexOutOfBoundsException extends ConnectException {
  static override readonly className: string = 'java.lang.IndexOutOfBoundsException'
}

/** Something needed that is not there, where the reference does not look before it uses it. */
export class NullPointerException extends ConnectException {
  static override readonly className: string = 'java.lang.NullPointerException'
}
