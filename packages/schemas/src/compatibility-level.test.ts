// Which pairs of schemas each level asks about.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMPATIBILITY_LEVELS, type CompatibilityLevel, findingsAtLevel } from './compatibility-level.ts'
import type { ParsedSchema, SchemaLanguage } from './language.ts'

/** A language in which a schema is a set of letters, and a reader needs each of its letters written. */
const LETTERS: SchemaLanguage = {
  type: 'AVRO',
  parse: (text) => ({ type: 'AVRO', canonicalText: text, name: null }),
  normalize: (schema) => schema,
  incompatibilities: (reader, writer) =>
    [...reader.canonicalText]
      .filter((letter) => !writer.canonicalText.includes(letter))
      .map((letter) => ({ type: 'MISSING', path: `/${letter}`, message: `${letter} is not written` })),
}

const ASKED: Record<CompatibilityLevel, string[]> = {
  NONE: [],
  BACKWARD: ['new reads abc: /x'],
  BACKWARD_TRANSITIVE: ['new reads abc: /x', 'new reads ax: /b'],
  FORWARD: ['abc reads new: /c'],
  FORWARD_TRANSITIVE: ['abc reads new: /c'],
  FULL: ['new reads abc: /x', 'abc reads new: /c'],
  FULL_TRANSITIVE: ['new reads abc: /x', 'abc reads new: /c', 'new reads ax: /b'],
}

for (const level of COMPATIBILITY_LEVELS) {
  test(`${level} asks about the right pairs`, () => {
    const parse = (text: string): ParsedSchema => LETTERS.parse(text)
    const findings = findingsAtLevel(LETTERS, level, parse('abx'), [parse('ax'), parse('abc')])
    const told = findings.map(({ reader, earlier, path }) =>
      reader === 'new' ? `new reads ${earlier.canonicalText}: ${path}` : `${earlier.canonicalText} reads new: ${path}`,
    )
    assert.deepEqual(told, ASKED[level])
  })
}
