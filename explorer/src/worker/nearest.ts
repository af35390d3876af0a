/** The candidate that is reached from a word with the fewest letters changed, if they are few. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3))
  const ranked = candidates.map((name) => ({ name, steps: distance(word.toLowerCase(), name.toLowerCase()) }))
  return ranked.filter(({ steps }) => steps <= limit).sort((a, b) => a.steps - b.steps)[0]?.name
}

/** The edit distance of Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])))
    row = next
  }
  return row[b.length]!
}
