// Debezium's ContentBasedRouter: an expression says to which topic a record goes.
import { type ConnectRecord, defineConfig } from '@millrace/api'
import type { Expression } from './expression.ts'
import { expressionKey, SCRIPTING_KEYS, ScriptingTransformation } from './scripting.ts'

const CONFIG = defineConfig({
  'topic.regex': SCRIPTING_KEYS['topic.regex'],
  language: SCRIPTING_KEYS.language,
  'topic.expression': expressionKey(
    'An expression of key, value, keySchema, valueSchema, topic and header. Its value is the name of the new topic; null leaves the record where it is.',
  ),
  'null.handling.mode': SCRIPTING_KEYS['null.handling.mode'],
})

/** Routes records by their content. */
export class ContentBasedRouter extends ScriptingTransformation {
  readonly config = CONFIG
  protected readonly key = 'topic.expression'

  protected decide(record: ConnectRecord, value: unknown, expression: Expression): ConnectRecord {
    if (value === null || value === undefined) return record
    if (typeof value !== 'string') throw expression.unusable(value, 'a String')
    return record.with({ topic: value })
  }
}
