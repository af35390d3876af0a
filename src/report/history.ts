import type { History } from '../training/history'
import type { Chart, Series } from './chart'
import { type Html, markup } from './html'
import { countOf, numberText } from './numbers'
import { details, number, table } from './table'
import { coursePlaces, spreadPlaces } from './thin'

/** Epochs as people count them, from 1, and what was recorded at each. */
interface Epochs {
  readonly numbers: readonly number[]
  readonly names: readonly string[]
  readonly valueAt: (name: string, epoch: number) => number | undefined
}

type Draw = (chart: Chart) => Promise<Html>

/** Curves of losses and metrics, of training and validation in one chart, and a table of the epochs. */
export async function historySection(
  { epoch, history }: History,
  { id, name: title }: { readonly id: string; readonly name: string },
  draw: Draw,
): Promise<Html> {
  const names = Object.keys(history).filter((name) => history[name]!.length > 0)
  if (epoch.length === 0 || names.length === 0)
    return markup`<section aria-labelledby="${id}">
      <h2 id="${id}">${title}</h2>
      <p>No epoch was trained.</p>
    </section>`
  const epochs = epochsOf({ epoch, history }, names)
  const charts = await Promise.all(chartNames(names).map((name) => figure(name, names, epochs, draw)))
  return markup`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    <p class="lead">${countOf(epoch.length, 'epoch')}. ${summary(names, epochs)}</p>
    <div class="charts">${charts}</div>
    ${epochTable(epochs)}
  </section>`
}

/** What is recorded less often than every epoch, as validation may be, belongs to the last of them. */
function epochsOf({ epoch, history }: Pick<History, 'epoch' | 'history'>, names: readonly string[]): Epochs {
  const columns = new Map(names.map((name) => [name, history[name]!]))
  return {
    numbers: epoch.map((e) => e + 1),
    names,
    valueAt: (name, i) => {
      const values = columns.get(name)!
      return values[i - (epoch.length - values.length)]
    },
  }
}

/** Dashes of more points are noise. */
const DENSE = 120

const isValidation = (name: string): boolean => name.startsWith('val_')

/** A chart for each name, its validation with it; the learning rate last. */
function chartNames(names: readonly string[]): string[] {
  const own = names.filter((name) => !isValidation(name) || !names.includes(name.slice(4)))
  return [...own.filter((n) => !isRate(n)), ...own.filter(isRate)]
}
const isRate = (name: string): boolean => /^(?:learning_?rate|lr)$/i.test(name)

/** `binary_accuracy` and `valLoss` as words. */
export const spoken = (name: string): string =>
  name
    .replace(/^val_/, 'validation ')
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .replaceAll('_', ' ')

async function figure(name: string, names: readonly string[], epochs: Epochs, draw: Draw): Promise<Html> {
  const both = [name, `val_${name}`].filter((n) => names.includes(n))
  const series = both.map((n, i) => seriesOf(n, i, epochs))
  const finite = series.flatMap((s) => s.points.flatMap((p) => (p.y === null ? [] : [p.y])))
  const title = spoken(name)
  const missing = both.flatMap((n) => missingText(n, epochs))
  if (finite.length === 0)
    return markup`<figure>
      <figcaption><h3>${title}</h3></figcaption>
      <p class="note">${missing.join(' ')}</p>
    </figure>`
  const isLog = Math.min(...finite) > 0 && Math.max(...finite) / Math.min(...finite) > 200
  const svg = await draw({ xTitle: 'epoch', series, isLog })
  const keys = series.map(
    (s) =>
      markup`<span class="key"><i${s.isDashed ? markup` class="dashed"` : ''} style="--c:${s.colour}"></i>${s.name}</span> `,
  )
  return markup`<figure>
    <figcaption>
      <h3>${title}${isLog ? markup` <small>logarithmic</small>` : ''}</h3>
      ${both.length > 1 ? keys : ''}
    </figcaption>
    <div role="img" aria-label="${alternative(title, both, epochs)}">${svg}</div>
    ${missing.map((text) => markup`<p class="note">${text}</p>`)}
  </figure>`
}

function seriesOf(name: string, place: number, { numbers, valueAt }: Epochs): Series {
  const recorded = numbers.flatMap((x, i) => {
    const value = valueAt(name, i)
    return value === undefined ? [] : [{ x, y: Number.isFinite(value) ? value : null }]
  })
  const kept = coursePlaces(recorded.map((p) => p.y))
  return {
    name: isValidation(name) ? 'validation' : 'training',
    colour: place === 0 ? 'var(--first)' : 'var(--second)',
    isDashed: place > 0 && kept.length <= DENSE,
    points: kept.map((i) => recorded[i]!),
  }
}

/** The chart in words. */
function alternative(title: string, names: readonly string[], { numbers, valueAt }: Epochs): string {
  const parts = names.map((name) => {
    const seen = numbers.flatMap((n, i) => (valueAt(name, i) === undefined ? [] : [[n, valueAt(name, i)!] as const]))
    const [first, last] = [seen[0]!, seen.at(-1)!]
    const who = names.length > 1 ? `${isValidation(name) ? 'validation' : 'training'} ` : ''
    return first === last
      ? `${who}${numberText(first[1])} in epoch ${first[0]}`
      : `${who}from ${numberText(first[1])} in epoch ${first[0]} to ${numberText(last[1])} in epoch ${last[0]}`
  })
  return `${title} by epoch: ${parts.join('; ')}`
}

function missingText(name: string, { numbers, valueAt }: Epochs): string[] {
  const bad = numbers.filter((_, i) => valueAt(name, i) !== undefined && !Number.isFinite(valueAt(name, i)))
  if (bad.length === 0) return []
  const where = bad.length === 1 ? `epoch ${bad[0]}` : `${bad.length} epochs, first in ${bad[0]}`
  return [`${spoken(name)} is no finite number in ${where}.`]
}

/** The epoch that was best by the loss of validation, or of training. */
function best(names: readonly string[], { numbers, valueAt }: Epochs): { name: string; place: number } | undefined {
  const name = ['val_loss', 'loss'].find((n) => names.includes(n))
  if (name === undefined) return undefined
  const at = (place: number): number => valueAt(name, place) ?? NaN
  const places = numbers.map((_, i) => i).filter((i) => Number.isFinite(at(i)))
  const [first, ...rest] = places
  return first === undefined
    ? undefined
    : { name, place: rest.reduce((found, i) => (at(i) < at(found) ? i : found), first) }
}

function summary(names: readonly string[], epochs: Epochs): Html {
  const found = best(names, epochs)
  if (!found) return markup``
  const value = numberText(epochs.valueAt(found.name, found.place)!)
  return markup`The least ${spoken(found.name)} is <strong>${value}</strong>, in epoch ${epochs.numbers[found.place]}.`
}

const OPEN_ROWS = 12

function epochTable(epochs: Epochs): Html {
  const { numbers, names, valueAt } = epochs
  const top = best(names, epochs)?.place
  const places = spreadPlaces(numbers.length, top === undefined ? [] : [top])
  const rows = places.map((i) => {
    const cells = names.map((name) => {
      const value = valueAt(name, i)
      return markup`<td class="n">${value === undefined ? '' : numberText(value)}</td>`
    })
    return markup`<tr${i === top ? markup` class="best"` : ''}><th scope="row" class="n">${numbers[i]}</th>${cells}</tr>\n`
  })
  const some = `${countOf(places.length, 'epoch')} of ${numbers.length.toLocaleString('en')}, evenly spread, the best among them.`
  const heads = ['epoch', ...names.map(spoken)].map(number)
  return details(
    'Epochs as a table',
    [places.length < numbers.length ? markup`<p class="note">${some}</p>` : '', table('Epochs', heads, rows)],
    places.length <= OPEN_ROWS,
  )
}
