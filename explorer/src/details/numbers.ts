/** A count in the unit that leaves few digits: `13.4 Mflop`. */
export function countText(count: number, unit: string): string {
  const power = count < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(count) / 3))
  const scaled = count / 1000 ** power
  const digits = power === 0 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2
  return `${scaled.toFixed(digits)} ${['', 'k', 'M', 'G', 'T'][power]}${unit}`
}
