import { strToU8 } from 'fflate'
import { readCsv } from '../../../src/formats/csv'
import type { CsvColumns } from '../../../src/formats/csv-columns'
import { FormatError } from '../../../src/formats/error'
import { below, oneOf } from '../random'
import type { Reader } from '../reader'

const columns = { x: 'float32', n: 'int32', name: 'text', kind: ['a', 'b'] } as const satisfies CsvColumns
const CELLS = [
  '1',
  '-2.5',
  '1e999',
  'NaN',
  '',
  '"',
  '""',
  '"a,b"',
  '"a\nb"',
  'a',
  'b',
  '__proto__',
  '2147483648',
  ' 7 ',
]
const NAMES = ['x', 'n', 'name', 'kind', '__proto__', 'more', '"x"', ' x', '\ufeffx']

/** Rows of a few cells, of which none need be what its column is. */
function forged(random: () => number): Uint8Array {
  const row = (list: readonly string[], count: number): string =>
    Array.from({ length: count }, () => oneOf(random, list)).join(oneOf(random, [',', ',', ',', ';', ', ']))
  const header = random() < 0.7 ? 'x,n,name,kind' : row(NAMES, 4)
  const lines = Array.from({ length: below(random, 5) }, () => row(CELLS, random() < 0.9 ? 4 : below(random, 9)))
  return strToU8([header, ...lines].join(oneOf(random, ['\n', '\r\n', '\r', '\n\n'])))
}

export const csv: Reader = {
  name: 'csv',
  samples: () =>
    [
      'x,n,name,kind\n1.5,2,"a, b",a\n-1e-3,-7,"say ""hi""",b\n',
      'kind,other,name,n,x\r\na,,é,1,2\r\nb,?,,3,4\r\n',
      `x,n,name,kind\n${'0.25,1,word,a\n'.repeat(30)}`,
    ].map((text) => strToU8(text)),
  read: (bytes) => readCsv(bytes, { columns, maxRowBytes: 2 ** 16 }),
  refusals: [FormatError],
  verify: (result) => {
    const { x, n, name, kind } = result as Awaited<ReturnType<typeof readCsv<typeof columns>>>
    if (new Set([x, n, name, kind].map(({ length }) => length)).size !== 1) throw new Error('columns differ in length')
    if (!x.every(Number.isFinite)) throw new Error('a number is not finite')
    if (!kind.every((k) => k === 0 || k === 1)) throw new Error('a word is none of those known')
    if (Object.keys(result as object).length !== 4) throw new Error('there are other columns')
  },
  forged,
}
