/** Four significant digits, an exponent where there would be many zeros; what is no number says so. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  if (value === 0) return '0'
  const size = Math.abs(value)
  const text = size >= 1e-4 && size < 1e7 ? plain(value, size) : value.toExponential(3)
  return text.replace(/^-/, '−').replace('e-', 'e−').replace('e+', 'e')
}

const plain = (value: number, size: number): string =>
  Number.isInteger(value) ? grouped(value) : value.toFixed(Math.min(7, Math.max(0, 3 - Math.floor(Math.log10(size)))))

const grouped = (n: number): string => n.toLocaleString('en')

export const percentText = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '–')

/** Bytes in powers of 1024. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const value = bytes / 1024 ** unit
  return `${unit === 0 ? value : value.toPrecision(value >= 100 ? 4 : 3)} ${units[unit]}`
}

/** Counts in powers of 1000: 12.3 k, 4.56 M. */
export function amountText(n: number): string {
  const units = ['', 'k', 'M', 'G', 'T']
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, n)) / 3))
  return unit === 0 ? String(n) : `${(n / 1000 ** unit).toPrecision(3)} ${units[unit]}`
}

/** Microseconds, in as many digits as say something. */
export const microsText = (n: number): string =>
  n < 1000 ? n.toFixed(n < 10 ? 2 : 1) : Math.round(n).toLocaleString('en')

export const countOf = (n: number, noun: string): string => `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`
