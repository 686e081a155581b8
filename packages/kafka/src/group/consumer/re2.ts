// Which JavaScript regular expressions mean the same in RE2, the syntax of the coordinators (KIP-848).

/**
 * Only what both read alike, told by its pieces: literals, the dot, groups, classes of plain characters, alternation and
 * repetition. Look-around, back references, named groups and the like are left to this side.
 */
const COMMON =
  /^(?:[A-Za-z0-9_,|)^$-]|\.|\((?:\?:)?(?!\?)|\[\^?[A-Za-z0-9_.-]+\]|\\[.dw-]|(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??)*$/

/** The expression for a coordinator, or undefined when it should be evaluated here. */
export function toRe2(pattern: RegExp): string | undefined {
  if (!/^[gyisuv]*$/.test(pattern.flags) || pattern.source.length > MOST || !COMMON.test(pattern.source))
    return undefined
  return pattern.flags.includes('i') ? `(?i)${pattern.source}` : pattern.source
}

/** Longer ones are not worth the trouble that a limit somewhere could make. */
const MOST = 1_000
