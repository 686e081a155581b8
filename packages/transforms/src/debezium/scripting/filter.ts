// Debezium's Filter: keeps the records for which an expression is true.
import { type ConnectRecord, defineConfig } from '@millrace/api'
import { NullPointerException } from '../../apache/common/errors.ts'
import type { Expression } from './expression.ts'
import { expressionKey, SCRIPTING_KEYS, ScriptingTransformation } from './scripting.ts'

const CONFIG = defineConfig({
  'topic.regex': SCRIPTING_KEYS['topic.regex'],
  language: SCRIPTING_KEYS.language,
  condition: expressionKey(
    'An expression of key, value, keySchema, valueSchema, topic and header. Records for which it is true are kept, those for which it is false are dropped.',
  ),
  'null.handling.mode': SCRIPTING_KEYS['null.handling.mode'],
})

/** Drops records by their content. */
export class Filter extends ScriptingTransformation {
  readonly config = CONFIG
  protected readonly key = 'condition'

  protected decide(record: ConnectRecord, value: unknown, expression: Expression): ConnectRecord | null {
    if (typeof value === 'boolean') return value ? record : null
    const error = expression.unusable(value, 'a Boolean')
    // The reference does not look before it uses a null.
    throw value === null || value === undefined ? new NullPointerException(error.message) : error
  }
}
