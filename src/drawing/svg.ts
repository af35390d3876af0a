import type { Box, Point, Size } from './layout'

/** Coordinates to a tenth of a pixel. */
export const at = (n: number): string => String(Math.round(n * 10) / 10)
const pair = ({ x, y }: Point): string => `${at(x)} ${at(y)}`

/** Names are the user's: no markup may come of one, and no sign that XML cannot hold. */
export const escaped = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

/** A smooth line that begins and ends at the outer points and keeps near the others. */
export function curve([first, ...rest]: readonly Point[]): string {
  const steps = rest.slice(0, -1).map((p, i) => {
    const next = rest[i + 1]!
    const end = i === rest.length - 2 ? next : { x: (p.x + next.x) / 2, y: (p.y + next.y) / 2 }
    return `Q${pair(p)} ${pair(end)}`
  })
  return `M${pair(first!)}${steps.length > 0 ? steps.join('') : `L${pair(rest[0]!)}`}`
}

/** The attributes of a rectangle at that place. */
export const corner = ({ x, y, width, height }: Box): string =>
  `x="${at(x - width / 2)}" y="${at(y - height / 2)}" width="${at(width)}" height="${at(height)}"`

export const textAt = ({ x, y }: Point, role: string, text: string): string =>
  `<text class="${role}" x="${at(x)}" y="${at(y)}">${escaped(text)}</text>`

export const LINE = 18
export const PADDING = 12
// A little more than letters of these sizes take in common fonts.
const LETTER = { name: 8.4, rest: 7.4 } as const

/** The size of a box with these lines, of which the first is a name. */
export function boxSize(lines: readonly string[]): Size {
  const widths = lines.map((line, i) => [...line].length * (i === 0 ? LETTER.name : LETTER.rest))
  return { width: Math.max(120, ...widths) + 2 * PADDING, height: lines.length * LINE + PADDING + 2 }
}

/** Lines of a box from its top, each with its role. */
export function linesAt(place: Box, lines: readonly string[], roles: readonly string[]): string {
  const top = place.y - place.height / 2 + PADDING / 2
  return lines
    .map((line, i) => textAt({ x: place.x, y: top + (i + 0.75) * LINE }, roles[Math.min(i, roles.length - 1)]!, line))
    .join('')
}

/** The title of a frame, above the lines that go through it. */
export const frameTitle = ({ x, y, width, height }: Box, text: string): string =>
  textAt({ x: x - width / 2 + PADDING, y: y - height / 2 + LINE }, 'title', text)

export interface Picture extends Size {
  readonly title: string
  /** What is to be seen, for who does not see it. */
  readonly description?: string
  /** Rules beside those that all pictures share. */
  readonly style: string
  readonly body: readonly string[]
}

/** A picture as text, light or dark as its viewer is. */
export function svgText({ width, height, title, description, style, body }: Picture): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="gradloom" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img">`,
    `<title>${escaped(title)}</title>`,
    ...(description === undefined ? [] : [`<desc>${escaped(description)}</desc>`]),
    `<style>${STYLE}${style}</style>`,
    `<defs><marker id="gradloom-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0 0 8 4 0 8Z"/></marker></defs>`,
    `<rect class="paper" width="${w}" height="${h}"/>`,
    ...body,
    '</svg>',
  ].join('\n')
}

const STYLE = `
.gradloom{--paper:#fff;--ink:#1c2430;--soft:#5a6675;--line:#7d8997;--box:#f4f6f9;--edge:#c4ccd6;--in:#e4eefc;--inedge:#8fb4ea;--model:#f1eafb;--modeledge:#b79be0}
@media (prefers-color-scheme:dark){.gradloom{--paper:#14181d;--ink:#e8ecf1;--soft:#a3adba;--line:#8591a0;--box:#20272f;--edge:#46525f;--in:#1b2c44;--inedge:#4a74b0;--model:#2b2340;--modeledge:#7a5fb0}}
.gradloom text{font:12.5px ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:var(--soft);text-anchor:middle}
.gradloom .name{font-size:13.5px;font-weight:600;fill:var(--ink)}
.gradloom .shape{font-family:ui-monospace,'SFMono-Regular',Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:11.5px}
.gradloom .title{text-anchor:start;font-weight:600;stroke:var(--paper);stroke-width:4;paint-order:stroke}
.gradloom .label{text-anchor:middle;font-size:11px}
.gradloom .paper{fill:var(--paper)}
.gradloom g rect{fill:var(--box);stroke:var(--edge);stroke-width:1.2}
.gradloom .frame rect{fill:none;stroke:var(--modeledge);stroke-dasharray:5 4}
.gradloom .edge{fill:none;stroke:var(--line);stroke-width:1.4}
.gradloom .head{fill:var(--line)}
`
