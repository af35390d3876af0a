/** A stretch of lines of two texts: the same in both, or those of one that stand where the other has others. */
export interface Change {
  readonly kind: 'same' | 'removed' | 'added'
  readonly line: string
}

/**
 * The shortest way from one list of lines to another, by Myers's algorithm in linear space (An O(ND) Difference Algorithm and
 * Its Variations, 1986, section 4b): time grows with the length times the number of changes.
 */
export function diffLines(before: readonly string[], after: readonly string[]): Change[] {
  // Lines are compared often: by number is faster than by text.
  const ids = new Map<string, number>()
  const numbered = (lines: readonly string[]): Int32Array =>
    Int32Array.from(lines, (line) => {
      if (!ids.has(line)) ids.set(line, ids.size)
      return ids.get(line)!
    })
  const [a, b] = [numbered(before), numbered(after)]
  const changes: Change[] = []
  const push = (kind: Change['kind'], lines: readonly string[]): void => {
    for (const line of lines) changes.push({ kind, line })
  }
  // Boxes still to be compared, the next on top; one without a middle is copied as it is.
  const boxes: Box[] = [{ a0: 0, a1: a.length, b0: 0, b1: b.length }]
  while (boxes.length > 0) {
    let { a0, b0, a1, b1 } = boxes.pop()!
    let head = 0
    while (a0 + head < a1 && b0 + head < b1 && a[a0 + head] === b[b0 + head]) head++
    push('same', before.slice(a0, a0 + head))
    a0 += head
    b0 += head
    let tail = 0
    while (a0 < a1 - tail && b0 < b1 - tail && a[a1 - 1 - tail] === b[b1 - 1 - tail]) tail++
    a1 -= tail
    b1 -= tail
    if (tail > 0) boxes.push({ a0: a1, a1: a1 + tail, b0: b1, b1: b1 + tail })
    if (a0 === a1 || b0 === b1) {
      push('removed', before.slice(a0, a1))
      push('added', after.slice(b0, b1))
      continue
    }
    const { x, y } = middle(a, b, { a0, a1, b0, b1 })
    boxes.push({ a0: x, a1, b0: y, b1 }, { a0, a1: x, b0, b1: y })
  }
  return removedFirst(changes)
}

/** Between lines that are the same, those that go before those that come, as people read it. */
function removedFirst(changes: readonly Change[]): Change[] {
  const sorted: Change[] = []
  const added: Change[] = []
  for (const change of changes) {
    if (change.kind === 'added') added.push(change)
    else {
      if (change.kind === 'same') for (const line of added.splice(0)) sorted.push(line)
      sorted.push(change)
    }
  }
  return [...sorted, ...added]
}

interface Box {
  readonly a0: number
  readonly a1: number
  readonly b0: number
  readonly b1: number
}

/**
 * A point on a shortest way through a box whose first lines differ, as do its last: where ways from both corners meet. Places
 * count from the corner of the box; `forward[k]` is the farthest place on diagonal k that is reached in so many changes.
 */
function middle(a: Int32Array, b: Int32Array, { a0, a1, b0, b1 }: Box): { x: number; y: number } {
  const [n, m] = [a1 - a0, b1 - b0]
  const delta = n - m
  const most = Math.ceil((n + m) / 2)
  const zero = most + 1
  const forward = new Int32Array(2 * most + 3)
  const backward = new Int32Array(2 * most + 3)
  for (let d = 0; d <= most; d++) {
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && forward[zero + k - 1]! < forward[zero + k + 1]!)
      let x = isDown ? forward[zero + k + 1]! : forward[zero + k - 1]! + 1
      while (x < n && x - k < m && a[a0 + x] === b[b0 + x - k]) x++
      forward[zero + k] = x
      const other = delta - k
      if (delta % 2 !== 0 && Math.abs(other) < d && x + backward[zero + other]! >= n)
        return { x: a0 + x, y: b0 + x - k }
    }
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && backward[zero + k - 1]! < backward[zero + k + 1]!)
      let x = isDown ? backward[zero + k + 1]! : backward[zero + k - 1]! + 1
      while (x < n && x - k < m && a[a1 - 1 - x] === b[b1 - 1 - x + k]) x++
      backward[zero + k] = x
      const other = delta - k
      if (delta % 2 === 0 && Math.abs(other) <= d && x + forward[zero + other]! >= n)
        return { x: a1 - x, y: b1 - x + k }
    }
  }
  throw new Error('the ways through a box of lines do not meet')
}

/** A unified diff with so many lines around each change; '' where the texts are the same. */
export function unifiedDiff(
  before: { readonly name: string; readonly text: string },
  after: { readonly name: string; readonly text: string },
  context = 3,
): string {
  const changes = diffLines(linesOf(before.text), linesOf(after.text))
  const at = changes.flatMap(({ kind }, i) => (kind === 'same' ? [] : [i]))
  const hunks: string[] = []
  let [place, a, b] = [0, 1, 1]
  for (let i = 0; i < at.length;) {
    const first = Math.max(0, at[i]! - context)
    // Changes whose surroundings touch share a hunk.
    while (i + 1 < at.length && at[i + 1]! - at[i]! <= 2 * context + 1) i++
    const end = Math.min(changes.length, at[i++]! + context + 1)
    a += first - place
    b += first - place
    const lines = changes.slice(first, end)
    const [removed, added] = (['added', 'removed'] as const).map((no) => lines.filter((c) => c.kind !== no).length)
    hunks.push(`@@ -${rangeText(a, removed!)} +${rangeText(b, added!)} @@`)
    for (const { kind, line } of lines) hunks.push(`${SIGNS[kind]}${line}`)
    ;[place, a, b] = [end, a + removed!, b + added!]
  }
  return hunks.length === 0 ? '' : `--- ${before.name}\n+++ ${after.name}\n${hunks.join('\n')}\n`
}

const SIGNS = { same: ' ', removed: '-', added: '+' } as const
const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))
/** Of no lines, the one before. */
const rangeText = (first: number, count: number): string =>
  count === 0 ? `${first - 1},0` : count === 1 ? `${first}` : `${first},${count}`
