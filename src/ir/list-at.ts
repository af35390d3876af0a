/** The list under a key, made where there is none. Adding to it is cheap however long it is; copying each time would not be. */
export function listAt<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const known = lists.get(key)
  if (known) return known
  const list: V[] = []
  lists.set(key, list)
  return list
}
