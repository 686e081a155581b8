// Keeps secrets out of everything that leaves the process as text.

const HIDDEN = '[hidden]'
/** Values that say nothing and would only blind the logs. */
const HARMLESS = new Set(['true', 'false', 'null', 'none'])
const SHORTEST = 3
/** Texts at least this long are masked wherever they stand; shorter ones only as whole words. */
const ANYWHERE = 8

/**
 * Replaces known secrets in texts by `[hidden]`. Secrets are the values of PASSWORD keys and all that config providers
 * returned. Texts below three characters cannot be told from ordinary text and are not masked.
 */
export class SecretMask {
  readonly #secrets = new Set<string>()
  #pattern: RegExp | null = null

  /** Adds secrets, in the plain form and as they stand inside JSON text. */
  add(texts: Iterable<string>): void {
    for (const text of texts) {
      for (const one of forms(text)) {
        if (one.length < SHORTEST || HARMLESS.has(one.toLowerCase()) || this.#secrets.has(one)) continue
        this.#secrets.add(one)
        this.#pattern = null
      }
    }
  }

  /** The text without secrets. */
  mask(text: string): string {
    if (this.#secrets.size === 0) return text
    this.#pattern ??= compile(this.#secrets)
    return text.replace(this.#pattern, HIDDEN)
  }

  /** All secrets known, to hand them to a mask in another thread. */
  get secrets(): readonly string[] {
    return [...this.#secrets]
  }
}

/** A secret with a line break or a quote looks different in JSON; one of several lines may be printed line by line. */
function forms(text: string): string[] {
  const trimmed = text.trim()
  const escaped = JSON.stringify(trimmed).slice(1, -1)
  const lines = trimmed.includes('\n') ? trimmed.split(/\r?\n/).filter((line) => line.trim().length >= ANYWHERE) : []
  return [trimmed, escaped, ...lines]
}

function compile(secrets: ReadonlySet<string>): RegExp {
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length)
  const parts = longestFirst.map((text) => {
    const literal = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return text.length >= ANYWHERE ? literal : `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`
  })
  return new RegExp(parts.join('|'), 'gu')
}
