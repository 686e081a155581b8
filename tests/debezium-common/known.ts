// Differences that are meant, or cannot be otherwise.
import type { Difference } from './compare.ts'

/** Differences of one kind, and why they are. */
export interface KnownDifference {
  readonly why: string
  readonly fits: (difference: Difference) => boolean
}

/** A test of where a difference is. */
export function at(pattern: RegExp): (one: Difference) => boolean {
  return (one) => pattern.test(one.at)
}

/** What nobody explains, and explanations of what does not differ: both are to be empty. */
export function unexplained(
  differences: readonly Difference[],
  known: readonly KnownDifference[],
): { readonly differences: Difference[]; readonly unseen: string[] } {
  return {
    differences: differences.filter((one) => !known.some(({ fits }) => fits(one))),
    unseen: known.filter(({ fits }) => !differences.some(fits)).map(({ why }) => why),
  }
}
