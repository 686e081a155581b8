// Options of ENUM and SET columns: literals as DDL has them, and the values they stand for.

/** The values of the literals: without quotes, with their escapes read. */
export function enumOptions(literals: readonly string[]): string[] {
  return literals.map((literal) => {
    const quoted = /^(?:_\w+\s*)?(['"])(.*)\1$/s.exec(literal.trim())
    if (quoted === null) return literal
    return quoted[2]!.replaceAll("\\'", "'").replaceAll("''", "'")
  })
}
