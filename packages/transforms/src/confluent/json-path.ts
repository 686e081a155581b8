// The part of JSONPath (as json-path/JsonPath reads it) that filter conditions are written in: names, indexes, wildcards,
// search at any depth, and filters with comparisons, regular expressions, lists and logic. Parsed once; then plain functions over values.
import type { Value } from '@millrace/api'

/** What a path finds: `missing` where a step before the last filter has nothing to go on with. */
export interface Found {
  readonly values: readonly Value[]
  readonly missing: boolean
}
type Step = (value: Value) => readonly Value[]
interface Part {
  readonly step: Step
  /** A filter or wildcard: finding nothing is an answer, not a missing field. */
  readonly open: boolean
}
type Test = (at: Value) => boolean
type Operand = (at: Value) => Value

const ABSENT = Symbol('absent')
const NAME = /^[\p{L}_$][\p{L}\p{N}_$-]*/u

/** A path, compiled. */
export class JsonPath {
  readonly #parts: readonly Part[]

  /** @throws SyntaxError for what is no path, or more than this reads */
  constructor(text: string) {
    const parser = new Parser(text.trim())
    this.#parts = parser.path('$')
    parser.end()
  }

  find(root: Value): Found {
    let values: readonly Value[] = [root]
    let open = false
    for (const part of this.#parts) {
      const next: Value[] = []
      for (const value of values) for (const found of part.step(value)) next.push(found)
      open ||= part.open
      if (next.length === 0) return { values: next, missing: !open }
      values = next
    }
    const missing = !open && (values[0] === null || values[0] === undefined)
    return { values: missing ? [] : values, missing }
  }
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  path(root: '$' | '@'): Part[] {
    this.#expect(root)
    const parts: Part[] = []
    for (;;) {
      if (this.#take('..')) {
        parts.push(DESCEND)
        if (this.#take('[')) parts.push(this.#bracket())
        else parts.push(this.#take('*') ? ALL : named(this.#name()))
        continue
      }
      // A dot before a bracket means nothing: conditions in use are written so, as $.[?(@.a)].
      if (this.#take('[') || this.#take('.[')) parts.push(this.#bracket())
      else if (this.#take('.')) parts.push(this.#take('*') ? ALL : named(this.#name()))
      else return parts
    }
  }

  end(): void {
    this.#space()
    if (this.#at < this.#text.length) this.#fail('the end')
  }

  #bracket(): Part {
    this.#space()
    let part: Part
    if (this.#take('?')) {
      this.#space()
      this.#expect('(')
      const test = this.#or()
      this.#space()
      this.#expect(')')
      part = { step: (value) => candidates(value).filter(test), open: true }
    } else if (this.#take('*')) part = ALL
    else if (this.#text[this.#at] === "'" || this.#text[this.#at] === '"') part = named(this.#string())
    else part = indexed(this.#number())
    this.#space()
    this.#expect(']')
    return part
  }

  #or(): Test {
    let left = this.#and()
    for (this.#space(); this.#take('||'); this.#space()) {
      const [a, b] = [left, this.#and()]
      left = (at) => a(at) || b(at)
    }
    return left
  }
  #and(): Test {
    let left = this.#unary()
    for (this.#space(); this.#take('&&'); this.#space()) {
      const [a, b] = [left, this.#unary()]
      left = (at) => a(at) && b(at)
    }
    return left
  }
  #unary(): Test {
    this.#space()
    if (this.#text[this.#at] === '!' && this.#text[this.#at + 1] !== '=') {
      this.#at++
      const test = this.#unary()
      return (at) => !test(at)
    }
    if (!this.#take('(')) return this.#comparison()
    const test = this.#or()
    this.#space()
    this.#expect(')')
    return test
  }

  #comparison(): Test {
    const left = this.#operand()
    this.#space()
    const operator = /^(?:==|!=|<=|>=|=~|<|>|in\b|nin\b)/.exec(this.#text.slice(this.#at))?.[0]
    if (operator === undefined) return (at) => left(at) !== ABSENT
    this.#at += operator.length
    this.#space()
    if (operator === '=~') {
      const pattern = this.#regex()
      return (at) => {
        const value = left(at)
        return typeof value === 'string' && pattern.test(value)
      }
    }
    const right = this.#operand()
    if (operator === 'in' || operator === 'nin') return membership(left, right, operator === 'in')
    return (at) => compare(left(at), right(at), operator)
  }

  #operand(): Operand {
    this.#space()
    const char = this.#text[this.#at]
    if (char === '@') {
      const parts = this.path('@')
      return (at) => follow(parts, at)
    }
    if (char === "'" || char === '"') return constant(this.#string())
    if (this.#take('[')) return this.#list()
    const word = /^(?:true|false|null)\b/.exec(this.#text.slice(this.#at))?.[0]
    if (word === undefined) return constant(this.#number())
    this.#at += word.length
    return constant(word === 'null' ? null : word === 'true')
  }
  #list(): Operand {
    const items: Operand[] = []
    for (this.#space(); !this.#take(']'); this.#space()) {
      if (items.length > 0) this.#expect(',')
      items.push(this.#operand())
    }
    const values = items.map((item) => item(null))
    return () => values
  }

  #name(): string {
    const name = NAME.exec(this.#text.slice(this.#at))?.[0]
    if (name === undefined) this.#fail('a name')
    this.#at += name.length
    return name
  }
  #number(): number {
    const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(this.#text.slice(this.#at))?.[0]
    if (number === undefined) this.#fail('a value')
    this.#at += number.length
    return Number(number)
  }
  #string(): string {
    const quote = this.#text[this.#at++]
    let out = ''
    for (; this.#text[this.#at] !== quote; this.#at++) {
      if (this.#at >= this.#text.length) this.#fail(`a closing ${quote}`)
      if (this.#text[this.#at] === '\\') this.#at++
      out += this.#text[this.#at]
    }
    this.#at++
    return out
  }
  #regex(): RegExp {
    const match = /^\/((?:[^/\\]|\\.)*)\/([a-z]*)/.exec(this.#text.slice(this.#at))
    if (match === null) this.#fail('a regular expression between slashes')
    this.#at += match[0].length
    return new RegExp(`^(?:${match[1]})$`, match[2])
  }
  #space(): void {
    while (this.#text[this.#at] === ' ') this.#at++
  }
  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }
  #expect(token: string): void {
    if (!this.#take(token)) this.#fail(token)
  }
  #fail(wanted: string): never {
    throw new SyntaxError(`${wanted} expected at position ${this.#at} of ${this.#text}`)
  }
}

const ALL: Part = { step: members, open: true }
/** `..`: the value and all that is in it, at any depth. */
const DESCEND: Part = { step: (value) => [value, ...members(value).flatMap((one) => DESCEND.step(one))], open: true }

function named(name: string): Part {
  return {
    open: false,
    step(value) {
      const found = member(value, name)
      return found === ABSENT ? [] : [found]
    },
  }
}
function indexed(index: number): Part {
  return {
    open: false,
    step(value) {
      const found = Array.isArray(value) ? value.at(index) : undefined
      return found === undefined ? [] : [found]
    },
  }
}
function member(value: Value, name: string): Value {
  if (value instanceof Map) return value.has(name) ? value.get(name) : ABSENT
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return ABSENT
  return (value as Record<string, unknown>)[name] ?? null
}
function members(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value
  if (value instanceof Map) return [...value.values()]
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}
/** A filter looks at the elements of a list, or at an object itself. */
function candidates(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value
  return typeof value === 'object' && value !== null ? [value] : []
}
function follow(parts: readonly Part[], at: Value): Value {
  let value = at
  for (const part of parts) {
    const found = part.step(value)
    if (found.length === 0) return ABSENT
    value = found[0]
  }
  return value
}
function constant(value: Value): Operand {
  return () => value
}
function membership(left: Operand, right: Operand, wanted: boolean): Test {
  return (at) => {
    const value = left(at)
    const list = right(at)
    if (value === ABSENT || !Array.isArray(list)) return false
    return list.some((item) => compare(value, item, '==')) === wanted
  }
}
function compare(left: Value, right: Value, operator: string): boolean {
  if (operator === '==') return equal(left, right)
  if (operator === '!=') return left !== ABSENT && right !== ABSENT && !equal(left, right)
  const numbers = isNumber(left) && isNumber(right)
  if (!numbers && !(typeof left === 'string' && typeof right === 'string')) return false
  const [a, b] = [left as number, right as number]
  if (operator === '<') return a < b
  if (operator === '<=') return a <= b
  return operator === '>' ? a > b : a >= b
}
function equal(left: Value, right: Value): boolean {
  if (left === ABSENT || right === ABSENT) return false
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint equals the number of its size
  if (isNumber(left) && isNumber(right)) return left == right
  return left === right
}
function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
