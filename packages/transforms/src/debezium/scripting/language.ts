// Expression languages by the names that Debezium's users give them: JavaScript under all of its names, nothing else.
import { satisfies, type Validator } from '@millrace/api'

/** Names of JavaScript engines after `jsr223.`, in lower case: Graal's and those of the JVM's script engine manager. */
const JAVASCRIPT = new Set(['graal.js', 'graal-js', 'graaljs', 'js', 'javascript', 'ecmascript', 'nashorn', 'rhino'])
const USE = 'Write the expression in JavaScript and set language=jsr223.graal.js'

/** `jsr223.graal.js` and the like; the prefix may be left out. */
export const javascriptOnly: Validator = satisfies('jsr223.graal.js, or another name of JavaScript', (value) => {
  const name = String(value)
    .trim()
    .toLowerCase()
    .replace(/^jsr223\./, '')
  if (JAVASCRIPT.has(name)) return undefined
  if (name === 'groovy') {
    return `Groovy needs a JVM, which there is none of here. ${USE}: comparisons such as value.op == 'u' && value.before.id == 2 are the same in both languages.`
  }
  if (name.startsWith('wasm.')) return `WebAssembly is not supported. ${USE}.`
  return `Only JavaScript is supported. ${USE}.`
})
