/** The share of labels that the most frequent one gets right: what a classifier has to beat. */
export function majorityShare(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>()
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1)
  return Math.max(...counts.values()) / labels.length
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
