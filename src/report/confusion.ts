import { GraphError } from '../ir/errors'
import { countTo } from '../ir/count-to'
import { type Html, markup } from './html'
import { countOf, percentText } from './numbers'
import { details, number, scrolled, table, text } from './table'

/** What samples are, and what they were taken for. */
export interface Confusion {
  /** A class a sample, from 0. */
  readonly labels: ArrayLike<number>
  /** A class a sample, or a row of scores a sample, of which the greatest counts: what `predict` gives. */
  readonly predicted: ArrayLike<number> | ArrayLike<ArrayLike<number>>
  readonly classNames?: readonly string[]
}

/** More cells are no picture. */
const MOST_CLASSES = 30
const MOST_PAIRS = 30
/** Longer names stand in front of the rows only, and columns have numbers. */
const SHORT = 4

export function confusionSection(confusion: Confusion): Html {
  const { labels, predicted } = checked(confusion)
  const count = 1 + labels.concat(predicted).reduce((a, b) => Math.max(a, b), (confusion.classNames?.length ?? 1) - 1)
  const nameOf = (c: number): string => confusion.classNames?.[c] ?? String(c)
  const cells = new Map<number, number>()
  labels.forEach((label, i) => {
    const key = label * count + predicted[i]!
    cells.set(key, (cells.get(key) ?? 0) + 1)
  })
  const at = (label: number, guess: number): number => cells.get(label * count + guess) ?? 0
  const right = labels.filter((label, i) => label === predicted[i]).length
  const classes = countTo(count)
  const lead =
    labels.length === 0
      ? markup`<p class="lead">No samples.</p>`
      : markup`<p class="lead">
          ${right.toLocaleString('en')} of ${countOf(labels.length, 'sample')} are right:
          <strong>${percentText(right / labels.length)}</strong>.
        </p>`
  return markup`<section aria-labelledby="confusion">
    <h2 id="confusion">Confusion</h2>
    ${lead} ${count <= MOST_CLASSES ? matrix(classes, at, nameOf) : ''} ${confused(cells, count, nameOf)}
    ${perClass(classes, labels, predicted, at, nameOf)}
  </section>`
}

function checked({ labels, predicted, classNames }: Confusion): { labels: number[]; predicted: number[] } {
  const isList = (x: unknown): boolean => Array.isArray(x) || ArrayBuffer.isView(x)
  if (!isList(labels) || !isList(predicted))
    throw new GraphError('report: confusion must have { labels, predicted }, each a list or a typed array')
  const known = Array.from(labels)
  const guesses = guessesOf(predicted, known.length)
  if (guesses.length !== known.length)
    throw new GraphError(
      `report: confusion has ${known.length} labels and ${guesses.length} predictions; predicted is a class or a row of scores a label`,
    )
  const classes = classNames?.length ?? Infinity
  for (const [what, values] of [
    ['labels', known],
    ['predicted', guesses],
  ] as const) {
    const bad = values.findIndex((v) => !(Number.isInteger(v) && v >= 0 && v < classes))
    if (bad < 0) continue
    const legal = classNames ? `classes are 0 to ${classes - 1}` : 'classes are whole numbers from 0'
    throw new GraphError(`report: ${what} of confusion has ${values[bad]} at ${bad}; ${legal}`)
  }
  return { labels: known, predicted: guesses }
}

/** Classes as they are, or the greatest of each row of scores; of a typed array by its shape, or by the number of labels. */
function guessesOf(predicted: Confusion['predicted'], samples: number): number[] {
  const greatest = (row: ArrayLike<number>): number =>
    Array.from(row).reduce((found, value, i) => (value > row[found]! ? i : found), 0)
  const first = predicted[0]
  if (typeof first === 'object') return Array.from(predicted as ArrayLike<ArrayLike<number>>, greatest)
  const flat = Array.from(predicted as ArrayLike<number>)
  const width = (predicted as { readonly shape?: readonly number[] }).shape?.[1] ?? flat.length / samples
  if (!(width > 1) || !Number.isInteger(width)) return flat
  return Array.from({ length: flat.length / width }, (_, i) => greatest(flat.slice(i * width, (i + 1) * width)))
}

type At = (label: number, guess: number) => number
type NameOf = (c: number) => string

function matrix(classes: readonly number[], at: At, nameOf: NameOf): Html {
  const isShort = classes.every((c) => nameOf(c).length <= SHORT)
  const isNumbered = !isShort && classes.some((c) => nameOf(c) !== String(c))
  const rows = classes.map((label) => {
    const total = classes.reduce((sum, guess) => sum + at(label, guess), 0)
    const cells = classes.map((guess) => {
      const n = at(label, guess)
      if (n === 0) return markup`<td class="zero">0</td>`
      const share = n / total
      const kind = `${share > 0.55 ? 'deep' : 'light'}${label === guess ? ' right' : ''}`
      return markup`<td class="${kind}" style="--v:${(10 + 90 * share).toFixed(1)}%">${n}</td>`
    })
    return markup`<tr>
      <th scope="row" title="${nameOf(label)}">${isNumbered ? markup`<small>${label}</small> ` : ''}${nameOf(label)}</th>
      ${cells}
    </tr> `
  })
  const head = classes.map((c) => markup`<th scope="col" title="${nameOf(c)}">${isShort ? nameOf(c) : c}</th>`)
  return scrolled(
    'Confusion matrix',
    markup`<table class="confusion">
      <caption>
        Rows are what samples are, columns what they were taken for; the stronger the colour, the larger the share of
        its row.
      </caption>
      <thead>
        <tr>
          <td></td>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  )
}

function confused(cells: ReadonlyMap<number, number>, count: number, nameOf: NameOf): Html {
  const wrong = [...cells].filter(([key]) => Math.floor(key / count) !== key % count).sort((a, b) => b[1] - a[1])
  if (wrong.length === 0) return markup``
  const rows = wrong.slice(0, MOST_PAIRS).map(
    ([key, n]) =>
      markup`<tr>
        <td class="name">${nameOf(Math.floor(key / count))}</td>
        <td class="name">${nameOf(key % count)}</td>
        <td class="n">${n}</td>
      </tr> `,
  )
  const heads = [text('is'), text('was taken for'), number('samples')]
  return details('What is taken for what', table('Confused classes', heads, rows))
}

function perClass(
  classes: readonly number[],
  labels: readonly number[],
  predicted: readonly number[],
  at: At,
  nameOf: NameOf,
): Html {
  const tally = (values: readonly number[]): Map<number, number> => {
    const counts = new Map<number, number>()
    for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1)
    return counts
  }
  const [known, guessed] = [tally(labels), tally(predicted)]
  const rows = classes.map((c) => {
    const [support, taken] = [known.get(c) ?? 0, guessed.get(c) ?? 0]
    return markup`<tr>
      <th scope="row" class="name" title="${nameOf(c)}">${nameOf(c)}</th>
      <td class="n">${support}</td>
      <td class="n">${percentText(at(c, c) / taken)}</td>
      <td class="n">${percentText(at(c, c) / support)}</td>
    </tr> `
  })
  const heads = [text('class'), number('samples'), number('precision'), number('recall')]
  return details('Precision and recall by class', table('Classes', heads, rows))
}
