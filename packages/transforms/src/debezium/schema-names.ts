// Names that converters can use as type names: schema.name.adjustment.mode.
import { oneOfIgnoringCase } from '@millrace/api'

/** Adjusts a name. */
export type NameAdjuster = (name: string) => string

/** The key of the configuration. */
export const ADJUSTMENT = {
  'schema.name.adjustment.mode': {
    type: 'string',
    default: 'none',
    importance: 'low',
    validator: oneOfIgnoringCase('none', 'avro', 'avro_unicode'),
    doc:
      'How schema names are made fit for converters: none leaves them; avro puts an underscore in place of characters that Avro ' +
      'does not allow; avro_unicode puts their code point, as _u002d.',
  },
} as const

/** The adjuster of a mode. */
export function nameAdjuster(mode: string): NameAdjuster {
  switch (mode.trim().toLowerCase()) {
    case 'avro':
      return (name) => name.replace(/^[0-9]/, '_$&').replace(/^[^A-Za-z_0-9]|(?!^)[^A-Za-z0-9_.]/g, '_')
    case 'avro_unicode':
      return (name) => name.replace(/^[^A-Za-z]|(?!^)[^A-Za-z0-9.]/g, unicode)
    default:
      return (name) => name
  }
}

function unicode(char: string): string {
  return `_u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
