import type { Inspection } from '../inspect/inspection'
import type { MemoryRow } from '../inspect/memory'
import { type Html, markup } from './html'
import { bytesText, countOf } from './numbers'

const WIDTH = 960
const HEIGHT = 340
/** Room for addresses at the left and for items below. */
const [LEFT, BELOW, ABOVE] = [72, 40, 8]
/** A character of a label, and the height that a label needs. */
const [LETTER, LINE] = [6.6, 13]

/** The memory that buffers share, over the items of a step: a rectangle each, as high as it is large, as wide as it lives. */
export function arena({ memory, kernels }: Inspection): Html {
  const { buffers, items } = memory
  const bytes = memory.workBytes + memory.constantBytes
  const shown = buffers.filter((b) => b.region !== 'state' && b.bytes > 0)
  if (shown.length === 0 || bytes === 0 || items === 0) return markup``
  const x = (item: number): number => LEFT + ((WIDTH - LEFT - 4) * Math.min(Math.max(item, 0), items)) / items
  const y = (address: number): number => HEIGHT - BELOW - ((HEIGHT - BELOW - ABOVE) * address) / bytes
  const regions = [...new Set(shown.map((b) => b.region))]
  const largest = [...shown].sort((a, b) => b.bytes - a.bytes)[0]!
  const label = `${countOf(shown.length, 'buffer')} in ${bytesText(bytes)} over ${countOf(items, 'item')} of a step; the largest is ${largest.name} with ${bytesText(largest.bytes)}`
  return markup`<figure class="wide">
    <figcaption>
      Addresses upwards, items of the step from left to right.
      ${regions.map((r) => markup`<span class="key"><i class="region ${r}"></i>${REGIONS[r]}</span> `)}
    </figcaption>
    <div class="scroll" tabindex="0" role="region" aria-label="Memory picture">
      <svg class="arena" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
        ${[0, 0.25, 0.5, 0.75, 1].map((part) => tick(part * bytes, y))} ${shown.map((b) => rectangle(b, x, y))}
        ${itemTicks(items, x)}
        <text class="axis" x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 6}" text-anchor="middle">
          item of the step${items === kernels.length ? ' (a kernel each)' : ''}
        </text>
      </svg>
    </div>
  </figure>`
}

const REGIONS: Readonly<Record<MemoryRow['region'], string>> = {
  state: 'state',
  io: 'inputs and results',
  constant: 'constants',
  scratch: 'scratch',
  panel: 'panels',
  packed: 'packed',
}

type Scale = (value: number) => number

const round = (n: number): string => n.toFixed(1)

function tick(bytes: number, y: Scale): Html {
  return markup`<line class="grid" x1="${LEFT}" x2="${WIDTH - 4}" y1="${round(y(bytes))}" y2="${round(y(bytes))}" /><text
      class="axis"
      x="${LEFT - 8}"
      y="${round(y(bytes) + 4)}"
      text-anchor="end"
      >${bytesText(Math.round(bytes))}</text
    > `
}

function rectangle({ name, region, offset, bytes, live: [first, last] }: MemoryRow, x: Scale, y: Scale): Html {
  const [left, right] = [x(first), x(last + 1)]
  const [top, bottom] = [y(offset + bytes), y(offset)]
  const [width, height] = [Math.max(right - left - 1, 1), Math.max(bottom - top - 0.5, 0.75)]
  const letters = Math.floor((width - 8) / LETTER)
  const fits = height >= LINE && letters >= Math.min(name.length, 3)
  const text = name.length <= letters ? name : `${name.slice(0, Math.max(1, letters - 1))}…`
  const until = Number.isFinite(last) ? ` from item ${first} to ${last}` : ''
  return markup`<g
    ><title>${name}: ${bytesText(bytes)} at ${offset}${until}</title
    ><rect
      class="region ${region}"
      x="${round(left + 0.5)}"
      y="${round(top)}"
      width="${round(width)}"
      height="${round(height)}"
      rx="${height > 6 ? 2 : 0}"
    />${
      fits ? markup`<text class="label" x="${round(left + 5)}" y="${round((top + bottom) / 2 + 4)}">${text}</text>` : ''
    }</g
  > `
}

function itemTicks(items: number, x: Scale): Html[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((s) => items / s <= 16) ?? 10_000
  return Array.from({ length: Math.ceil(items / step) }, (_, i) => i * step).map(
    (item) =>
      markup`<text class="axis" x="${round((x(item) + x(item + 1)) / 2)}" y="${HEIGHT - BELOW + 15}" text-anchor="middle"
        >${item}</text
      > `,
  )
}
