const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** 12,345 */
export const count = (n: number): string => whole.format(n)

/** A number of any size in three or so digits. */
export function short(n: number): string {
  if (!Number.isFinite(n)) return String(n)
  if (n === 0) return '0'
  const size = Math.abs(n)
  if (size >= 1e5 || size < 1e-3) return n.toExponential(1)
  return String(Number(n.toPrecision(3)))
}

/** A loss, in about as many digits whatever it is: it should not jump about. */
export function lossText(n: number | undefined): string {
  if (n === undefined) return '–'
  if (!Number.isFinite(n) || n === 0) return String(n)
  const size = Math.abs(n)
  if (size >= 1000 || size < 1e-3) return n.toExponential(2)
  return n.toFixed(size >= 10 ? 2 : 4)
}

/** Steps a second. */
export const rateText = (n: number): string => (n < 10 ? n.toFixed(1) : count(n))

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
