// Lists by what their items have in common.
import type { ProtoField } from './model.ts'

/** Items by a key, keys and items in their order. */
export function groupBy<Key, Item>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** Fields by the `oneof` they belong to; those of none by null. */
export function byOneof(fields: readonly ProtoField[]): ReadonlyMap<string | null, readonly ProtoField[]> {
  return groupBy(fields, ({ oneof }) => oneof)
}
