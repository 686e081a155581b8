// "Did you mean": the nearest known names to a word that is not known.

/**
 * Names of `known` that are near `word`, nearest first, at most `most` of them. Case and punctuation weigh little;
 * a name that contains the word counts as near.
 */
export function suggest(word: string, known: Iterable<string>, most = 3): string[] {
  const plain = simplify(word)
  const limit = Math.max(2, Math.floor(plain.length / 4))
  return [...known]
    .map((name) => ({ name, distance: nearness(plain, simplify(name)) }))
    .filter((one) => one.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map((one) => one.name)
}

function simplify(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function nearness(word: string, name: string): number {
  if (word.length >= 4 && (name.endsWith(word) || name.startsWith(word))) return 1
  return distance(word, name)
}

/** Edits (insert, delete, replace, swap of neighbours) between two words. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] as number) + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length] as number
}
