// Results that may be at hand or may have to be waited for.

/** A result, or a promise of it when it must be waited for. */
export type Maybe<T> = T | Promise<T>

/** True for something to wait for. */
export function isPromise<T>(value: Maybe<T>): value is Promise<T> {
  return value instanceof Promise
}

/** Goes on with a result: now when it is at hand. */
export function whenKnown<T, R>(value: Maybe<T>, next: (value: T) => Maybe<R>): Maybe<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}
