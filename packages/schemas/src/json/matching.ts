// Pairing off: how many of one side can each be given one of the other side.

/**
 * The size of the largest matching of a bipartite graph, by augmenting paths.
 * @param edges for each of one side, for each of the other, whether the two may be paired
 */
export function largestMatching(edges: readonly (readonly boolean[])[]): number {
  const holder = new Map<number, number>()
  const place = (at: number, tried: Set<number>): boolean =>
    (edges[at] ?? []).some((fits, to) => {
      if (!fits || tried.has(to)) return false
      tried.add(to)
      const other = holder.get(to)
      if (other !== undefined && !place(other, tried)) return false
      holder.set(to, at)
      return true
    })
  return edges.filter((_, at) => place(at, new Set())).length
}
