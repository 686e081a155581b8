// CSV as text: one record is one line, whose cells may hold line breaks within quotes (RFC 4180).
import { DataException } from '@millrace/api'

/** How lines are written and read. */
export interface CsvDialect {
  readonly separator: string
  readonly quote: string
  /** Text of a null, never quoted; a cell with this text as its value is quoted. */
  readonly nullText: string
}

/** One line of cells, without a line break at its end. */
export function csvLine(cells: readonly (string | null)[], dialect: CsvDialect): string {
  return cells.map((cell) => csvCell(cell, dialect)).join(dialect.separator)
}

function csvCell(cell: string | null, { separator, quote, nullText }: CsvDialect): string {
  if (cell === null) return nullText
  // A cell that ends like a separator begins would make another separator: one character is enough to quote.
  const plain =
    cell !== nullText &&
    !cell.includes(separator[0] as string) &&
    !cell.includes(quote) &&
    !cell.includes('\n') &&
    !cell.includes('\r')
  return plain ? cell : quote + cell.replaceAll(quote, quote + quote) + quote
}

/**
 * The cells of the first line of `text`, a line break at its end left out; a cell that is not quoted and is the null text is null.
 * @returns the cells and where the next line begins
 * @throws DataException for a quote that does not end, or text after one
 */
export function parseCsvLine(text: string, dialect: CsvDialect, from = 0): { cells: (string | null)[]; next: number } {
  const { separator, quote, nullText } = dialect
  const cells: (string | null)[] = []
  let at = from
  for (;;) {
    if (text.startsWith(quote, at)) {
      const [cell, after] = quoted(text, quote, at)
      cells.push(cell)
      at = after
    } else {
      const end = plainEnd(text, separator, at)
      const cell = text.slice(at, end)
      cells.push(cell === nullText ? null : cell)
      at = end
    }
    if (!text.startsWith(separator, at) || at >= text.length) break
    at += separator.length
  }
  if (text[at] === '\r') at++
  if (text[at] === '\n') at++
  else if (at < text.length && text[at - 1] !== '\r') {
    throw new DataException(`Cannot read CSV: text after a closing quote at character ${at}`)
  }
  return { cells, next: at }
}

function quoted(text: string, quote: string, start: number): [cell: string, after: number] {
  let cell = ''
  let from = start + quote.length
  for (;;) {
    const end = text.indexOf(quote, from)
    if (end < 0) throw new DataException(`Cannot read CSV: the quote at character ${start} does not end`)
    cell += text.slice(from, end)
    from = end + quote.length
    if (!text.startsWith(quote, from)) return [cell, from]
    cell += quote
    from += quote.length
  }
}

function plainEnd(text: string, separator: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (char === '\n' || char === '\r' || text.startsWith(separator, at)) return at
  }
  return text.length
}
