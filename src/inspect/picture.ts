import type { Box, Layout } from '../drawing/layout'
import { at, corner, curve, escaped, frameTitle, linesAt, svgText, textAt } from '../drawing/svg'
import type { ShownGraph, ShownNode } from './collapse'
import type { Part } from './part'
import { framesOf, isLabelled, linesOf } from './place-shown'

/** A graph that has been laid out, as text. */
export function pictureOf(
  shown: ShownGraph,
  { width, height, places, ways }: Layout,
  { title, description }: { readonly title: string; readonly description: string },
): string {
  const { nodes, edges } = shown
  const frames = framesOf(shown)
  const parts = PARTS.filter(([part]) => nodes.some((n) => n.part === part))
  const legend = legendText(parts)
  return svgText({
    title,
    description,
    width: Math.max(width, legend.width),
    height: height + LEGEND,
    style: STYLE,
    body: [
      ...legend.text,
      `<g transform="translate(0 ${LEGEND})">`,
      ...frames.map(({ id }) => `<g class="frame"><rect rx="9" ${corner(places.get(id)!)}/></g>`),
      ...edges.map(({ carries }, i) => {
        const { points, far } = ways[i]!
        const tip = `<title>${escaped(carries.join('\n'))}</title>`
        return `<path class="edge${far ? ' far' : ''}" marker-end="url(#gradloom-arrow)" d="${curve(points)}">${tip}</path>`
      }),
      ...frames.map(({ id, title }) => frameTitle(places.get(id)!, title)),
      ...nodes.map((node) => boxText(node, places.get(node.key)!)),
      ...(isLabelled(shown) ? edges : []).flatMap(({ label }, i) => {
        const { label: place, far } = ways[i]!
        return far || label === '[]' ? [] : [textAt({ x: place.x, y: place.y + 4 }, 'label', label)]
      }),
      '</g>',
    ],
  })
}

/** How a part is called, and the outline that tells it from the others without its colour. */
const PARTS: readonly (readonly [part: Part, word: string])[] = [
  ['input', 'input'],
  ['state', 'state'],
  ['constant', 'constant'],
  ['forward', 'forward'],
  ['backward', 'gradient'],
  ['update', 'update'],
]

function outline(part: Part, place: Box): string {
  if (part === 'input') return `<rect rx="${at(Math.min(place.height / 2, 22))}" ${corner(place)}/>`
  if (part !== 'state') return `<rect rx="${part === 'update' ? 0 : 7}" ${corner(place)}/>`
  const inner = { ...place, width: place.width - 7, height: place.height - 7 }
  return `<rect ${corner(place)}/><rect ${corner(inner)}/>`
}

function boxText(node: ShownNode, place: Box): string {
  const { kind, part, inputs, outputs } = node
  const behind = { ...place, x: place.x + 4, y: place.y + 4 }
  const tip = [`${node.title} (${node.subtitle})`, ...from('reads', inputs), ...from('gives', outputs)].join('\n')
  const roles = kind === 'group' ? ['name', 'class'] : ['name', 'class', 'shape']
  return [
    `<g class="${part}"><title>${escaped(tip)}</title>`,
    ...(kind === 'group' ? [outline(part, behind)] : []),
    outline(part, place),
    linesAt(place, linesOf(node), roles),
    '</g>',
  ].join('')
}

const from = (word: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${word} ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`]

const LEGEND = 40

function legendText(parts: typeof PARTS): { text: string[]; width: number } {
  const text = parts.map(([part, word], i) => {
    const place = { x: 36 + i * 100, y: 22, width: 28, height: 16 }
    return `<g class="${part} key">${outline(part, place)}${textAt({ x: place.x + 20, y: 26 }, 'word', word)}</g>`
  })
  return { text, width: 32 + parts.length * 100 }
}

const STYLE = `.gradloom{--state:#fdf3d3;--stateedge:#c99a2e;--back:#fde8e8;--backedge:#d97878;--up:#e2f5e6;--upedge:#5aa36c}
@media (prefers-color-scheme:dark){.gradloom{--state:#3a3015;--stateedge:#a9822b;--back:#42201f;--backedge:#b05a58;--up:#1b3522;--upedge:#4c8a5c}}
.gradloom .input rect{fill:var(--in);stroke:var(--inedge)}
.gradloom .state rect{fill:var(--state);stroke:var(--stateedge)}
.gradloom .constant rect{fill:var(--paper)}
.gradloom .backward rect{fill:var(--back);stroke:var(--backedge);stroke-dasharray:6 3}
.gradloom .update rect{fill:var(--up);stroke:var(--upedge);stroke-width:2.2}
.gradloom .word{text-anchor:start}
.gradloom .label{font-size:10.5px;stroke:var(--paper);stroke-width:3;paint-order:stroke}
.gradloom .far{stroke-width:1;opacity:.55}
`
