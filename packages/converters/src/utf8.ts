// Strings to UTF-8 as the JVM's encoder does it: a lone surrogate becomes `?`.

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** UTF-8 bytes of `text`, lone surrogates as `?`. */
export function utf8Bytes(text: string): Buffer {
  return Buffer.from(text.isWellFormed() ? text : text.replace(LONE_SURROGATE, '?'))
}
