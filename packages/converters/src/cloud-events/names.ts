// Names: of the events' schema, and of attributes made of a source's fields.

/** Adjusts a name. */
export type NameAdjuster = (name: string) => string

/** The adjuster of a `schema.name.adjustment.mode`. */
export function nameAdjuster(mode: string): NameAdjuster {
  switch (mode.toLowerCase()) {
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

/** The attribute for a field: letters and digits behind a prefix. Capitals stay, though CloudEvents has none in its names. */
export function extensionName(field: string): string {
  return `iodebezium${field.replace(/[^A-Za-z0-9]/g, '')}`
}
